# X-CLIP with Open-MeDe's step and average. An update takes 256 videos, as
# plainly: 32 tasks, each of 4 support and 4 query videos.
_base_ = './xclip_plain.py'

train_dataloader = dict(batch_size=8)
train_cfg = dict(
    _delete_=True,
    type='CrossBatchTrainLoop',
    max_epochs=_base_.train_cfg.max_epochs,
    total_tasks=32,
)
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
