# TC-CLIP: context tokens of the whole video, prompts that look at them, both
# encoders tuned. A frame has 16 patches here, so 4 seeds and 8 contexts.
_base_ = '../_base_/recipes/tc_clip.py'

model = dict(
    backbone=dict(type='TCCLIPViT', num_context=8, tokens='context'),
    cls_head=dict(type='VideoConditionalTextHead'),
    trainable=['backbone', 'text_encoder', 'logit_scale', 'prompt_'],
)
