# Table 6: 128 context tokens.
_base_ = './tc.py'

model = dict(backbone=dict(num_context=128))
