"""As vifi_clip.py, with 8 frames and RandAugment, as ActionCLIP."""

_base_ = './vifi_clip.py'

train_pipeline = [
    _base_.train_pipeline[0],
    dict(_base_.train_pipeline[1], num_frames=8),
    *_base_.train_pipeline[2:-2],
    dict(type='ClipRandAugment', num_ops=2, magnitude=9),
    *_base_.train_pipeline[-2:],
]
test_pipeline = [
    _base_.test_pipeline[0],
    dict(_base_.test_pipeline[1], num_frames=8),
    *_base_.test_pipeline[2:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
