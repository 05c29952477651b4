# ActionCLIP with Open-MeDe's step and average, text tower and temperature
# frozen as in all its learners: a GPU is a task of 8 support and 8 query
# videos. mu and sigma are those of 22 epochs, scaled to 50.
_base_ = './actionclip_plain.py'

model = dict(trainable=['backbone.', 'neck.'])
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper', delta=0.05)
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='GWAHook', mu=34, sigma=22.5),
]
