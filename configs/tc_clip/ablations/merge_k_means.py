# Table 6: seeds are merged by k-means.
_base_ = './tc.py'

model = dict(backbone=dict(aggregation='k_means'))
