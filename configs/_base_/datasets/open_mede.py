"""As k400_zs.py, with colour jitter in training.

The paper names the jitter but not its strength; that of ClipColorJitter is
ours. Its "8 frames uniformly" are those of its author's code, 8 with stride
16; ../../open_mede/ablations/uniform_frames.py spreads them over the video.
"""

_base_ = './k400_zs.py'

train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='ClipColorJitter'),
    *_base_.train_pipeline[-2:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
