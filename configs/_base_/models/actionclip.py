# ActionCLIP ViT-B/16: 6 temporal layers behind the frames, 16 templates. All
# is tuned but the token table.
_base_ = './clip.py'

model = dict(
    neck=dict(type='TemporalTransformer', num_frames=8, layers=6),
    cls_head=dict(
        type='ActionCLIPTextHead',
        templates='actionclip',
        fusion='mean_embedding',
    ),
    trainable=['backbone.', 'neck.', 'text_encoder', 'logit_scale'],
)
