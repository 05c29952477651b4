# Table 6: seeds by the norm of their keys, heads in turn.
_base_ = './tc.py'

model = dict(backbone=dict(selection='headwise_key_norm'))
