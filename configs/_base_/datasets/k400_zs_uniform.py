"""As k400_zs.py, with the sampling and augmentation of Open-MeDe.

8 frames spread over the whole video, and colour jitter in training. The
paper names the jitter but not its strength; that of ClipColorJitter is ours.
"""

_base_ = './k400_zs.py'

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='UniformSample', clip_len=8),
    *_base_.train_pipeline[2:-2],
    dict(type='ClipColorJitter'),
    *_base_.train_pipeline[-2:],
]
val_pipeline = [
    _base_.val_pipeline[0],
    dict(type='UniformSample', clip_len=8, num_clips=1, test_mode=True),
    *_base_.val_pipeline[2:],
]
test_pipeline = [
    val_pipeline[0],
    dict(val_pipeline[1], num_clips=3),
    *val_pipeline[2:],
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
