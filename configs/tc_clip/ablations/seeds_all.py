# Table 6: no selection, all patches are seeds.
_base_ = './tc.py'

model = dict(backbone=dict(selection='none', seed_ratio=1))
