# Table 6: 0.2 of the patches are seeds.
_base_ = './tc.py'

model = dict(backbone=dict(seed_ratio=0.2))
