# Table 6: 32 context tokens.
_base_ = './tc.py'

model = dict(backbone=dict(num_context=32))
