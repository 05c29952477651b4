# Table 6: joint space-time positions without the bias.
_base_ = './tc.py'

model = dict(backbone=dict(joint_frames=16, local_global_bias=False))
