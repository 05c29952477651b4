# Table 7: prompts look at the mean patches of the frames.
_base_ = './tc_vp.py'

model = dict(backbone=dict(tokens='gap'))
