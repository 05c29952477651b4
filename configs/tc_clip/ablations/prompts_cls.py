# Table 7: prompts look at the class tokens of the frames.
_base_ = './tc_vp.py'

model = dict(backbone=dict(tokens='cls'))
