# Table 7 (a), zero-shot: learned prompts that look at nothing, plain frames.
_base_ = './no_weight_ensemble.py'

model = dict(
    backbone=dict(_delete_=True, type='CLIPViT'),
    cls_head=dict(
        type='LearnablePromptTextHead', classname_style='split_camel_case'
    ),
)
