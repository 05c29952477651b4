# VL prompting of ViFi-CLIP: prompts in all layers of both towers of frozen
# CLIP. They train at a higher learning rate than towers do.
_base_ = '../_base_/recipes/vifi_vl_prompt.py'

model = dict(
    backbone=dict(type='PromptedCLIPViT', n_ctx=4, depth=4),
    cls_head=dict(type='LearnablePromptTextHead', n_ctx=4, depth=2),
    trainable=['VPT', 'prompt_learner'],
)
