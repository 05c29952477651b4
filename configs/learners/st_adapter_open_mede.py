# ST-Adapter with Open-MeDe's step and average: a GPU is a task of 16 support
# and 16 query videos.
_base_ = './st_adapter_plain.py'

train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
