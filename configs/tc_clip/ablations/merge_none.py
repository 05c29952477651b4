# Table 6: each seed is a context token.
_base_ = './tc.py'

model = dict(backbone=dict(aggregation='none', num_context=None))
