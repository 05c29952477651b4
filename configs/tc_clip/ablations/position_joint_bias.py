# Table 6: joint space-time positions and the bias.
_base_ = './tc.py'

model = dict(backbone=dict(joint_frames=16))
