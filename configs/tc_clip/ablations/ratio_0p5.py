# Table 6: 0.5 of the patches are seeds.
_base_ = './tc.py'

model = dict(backbone=dict(seed_ratio=0.5))
