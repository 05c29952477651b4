# Table 6: 64 context tokens.
_base_ = './tc.py'

model = dict(backbone=dict(num_context=64))
