# A5 with Open-MeDe's step and average: a GPU is a task of 16 support and 16
# query videos. mu and sigma are those of 22 epochs, scaled to 10.
_base_ = './a5_plain.py'

train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper', delta=0.05)
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='GWAHook', mu=7, sigma=4.5),
]
