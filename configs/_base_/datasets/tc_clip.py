"""As vifi_clip.py, with 16 frames and two clips at test, as TC-CLIP.

The two clips are spread evenly. TC-CLIP draws them at random, anew in each
evaluation: --cfg-options test_dataloader.dataset.pipeline.1.test_mode=False
draws them by the seed. Videos of SSv2 are not flipped: directions are classes
there (ViFi-CLIP flips them all the same).
"""

_base_ = './vifi_clip.py'

names = None  # split into words, as the release does

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
    dict(val_pipeline[1], num_clips=2),
    *val_pipeline[2:],
]

train_dataloader = dict(
    dataset=dict(pipeline=train_pipeline, flip_directed=False)
)
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
