# Table 6: seeds are merged by random groups.
_base_ = './tc.py'

model = dict(backbone=dict(aggregation='random'))
