# ActionCLIP with Open-MeDe's step and average, text tower and temperature
# frozen as in all its learners: a GPU is a task of 8 support and 8 query
# videos.
_base_ = './actionclip_plain.py'

model = dict(trainable=['backbone.', 'neck.'])
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
