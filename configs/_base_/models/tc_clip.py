# TC-CLIP ViT-B/16: frames see a summary of the video, prompts look at it.
# Both encoders and the temperature are tuned.
_base_ = './vifi_clip.py'

model = dict(
    backbone=dict(type='TCCLIPViT', tokens='context'),
    cls_head=dict(type='VideoConditionalTextHead'),
    trainable=['backbone', 'text_encoder', 'logit_scale', 'prompt'],
)
