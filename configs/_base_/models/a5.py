# A5 ("VPT" in Open-MeDe's tables) ViT-B/16: CLIP stays as it is. Tuned are 16
# vectors on either side of the class name and 2 temporal layers.
_base_ = './clip.py'

model = dict(
    neck=dict(type='TemporalTransformer', num_frames=16, layers=2),
    cls_head=dict(
        type='A5TextHead',
        templates='bare',
        n_ctx=16,
        n_behind=16,
        fusion='mean_embedding',
    ),
    trainable=['neck.', 'ctx'],
)
