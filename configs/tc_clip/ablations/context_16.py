# Table 6: 16 context tokens.
_base_ = './tc.py'

model = dict(backbone=dict(num_context=16))
