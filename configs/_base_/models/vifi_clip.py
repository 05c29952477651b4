# ViFi-CLIP ViT-B/16: frame by frame, both encoders and the temperature tuned,
# one template, mean of the frame features. Pixels are normalised with
# ImageNet's statistics, as the authors do, not with CLIP's; training blends
# videos by mixup or cutmix in every setting.
_base_ = './clip.py'

model = dict(
    cls_head=dict(
        templates='vifi_clip',
        fusion='mean_embedding',
        average_clips='prob',
    ),
    data_preprocessor=dict(
        type='ClipDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
        blending=dict(type='MixupCutmix'),
    ),
    trainable=['backbone', 'text_encoder', 'logit_scale'],
)
