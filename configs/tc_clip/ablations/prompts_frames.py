# Table 7 (b), zero-shot: prompts look at the class tokens of plain frames.
_base_ = './no_weight_ensemble.py'

model = dict(
    backbone=dict(_delete_=True, type='CLIPViT'),
    cls_head=dict(condition_on='frames'),
)
