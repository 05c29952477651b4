"""As vifi_clip.py, with 16 frames and two clips at test, as TC-CLIP.

The two clips are spread evenly. TC-CLIP draws them at random, anew in each
evaluation: --cfg-options legacy_random_views=True draws them by the seed.
"""

_base_ = './vifi_clip.py'

legacy_random_views = '{{$MMOVAR_LEGACY_RANDOM_VIEWS:False}}' in (
    'True',
    'true',
    '1',
)

train_pipeline = [
    _base_.train_pipeline[0],
    dict(_base_.train_pipeline[1], num_frames=16),
    *_base_.train_pipeline[2:],
]
val_pipeline = [
    _base_.test_pipeline[0],
    dict(_base_.test_pipeline[1], num_frames=16),
    *_base_.test_pipeline[2:],
]
test_pipeline = [
    val_pipeline[0],
    dict(val_pipeline[1], num_clips=2, test_mode=not legacy_random_views),
    *val_pipeline[2:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_loader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = [
    dict(loader, dataset=dict(loader.dataset, pipeline=test_pipeline))
    for loader in _base_.test_dataloader
]
