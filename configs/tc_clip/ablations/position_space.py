# Table 6: spatial positions without the learned bias.
_base_ = './tc.py'

model = dict(backbone=dict(local_global_bias=False))
