# ViFi-CLIP: both encoders and the temperature are tuned, frame by frame.
_base_ = '../_base_/mini.py'

model = dict(
    cls_head=dict(templates='a photo of a {}', fusion='mean_embedding'),
    trainable=['backbone', 'text_encoder', 'logit_scale'],
)
