# Table 6: seeds are merged by patches of one place over time.
_base_ = './tc.py'

model = dict(backbone=dict(aggregation='temporal_tube'))
