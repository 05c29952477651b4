# Table 6: seeds by class attention, heads in turn.
_base_ = './tc.py'

model = dict(backbone=dict(selection='headwise_cls_attention'))
