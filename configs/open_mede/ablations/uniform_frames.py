# Frames spread evenly over the whole video, the other reading of the paper's
# "8 frames uniformly".
_base_ = '../k400_zs.py'

train_pipeline = _base_.train_pipeline
train_pipeline[1] = dict(type='UniformSample', clip_len=8)
val_pipeline = _base_.val_pipeline
val_pipeline[1] = dict(type='UniformSample', clip_len=8, test_mode=True)
test_pipeline = _base_.test_pipeline
test_pipeline[1] = dict(val_pipeline[1], num_clips=3)

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
