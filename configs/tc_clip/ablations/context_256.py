# Table 6: 256 context tokens.
_base_ = './tc.py'

model = dict(backbone=dict(num_context=256))
