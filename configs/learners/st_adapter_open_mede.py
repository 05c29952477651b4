# ST-Adapter with Open-MeDe's step and average: 8 tasks of 16 support and 16
# query videos.
_base_ = './st_adapter_plain.py'

train_cfg = dict(
    _delete_=True,
    type='CrossBatchTrainLoop',
    max_epochs=_base_.train_cfg.max_epochs,
    total_tasks=8,
)
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
