# Table 7 (d), zero-shot: finished text features attend to context tokens.
_base_ = './no_weight_ensemble.py'

model = dict(cls_head=dict(type='LateFusionTextHead'))
