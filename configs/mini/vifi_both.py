# ViFi-CLIP: both encoders and the temperature are tuned, frame by frame.
_base_ = '../_base_/recipes/vifi_both.py'

model = dict(
    cls_head=dict(templates='a photo of a {}', fusion='mean_embedding'),
    trainable=['backbone', 'text_encoder', 'logit_scale'],
)
