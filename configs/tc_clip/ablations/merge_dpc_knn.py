# Table 6: seeds are merged by DPC-KNN.
_base_ = './tc.py'

model = dict(backbone=dict(aggregation='dpc_knn'))
