# ActionCLIP with Open-MeDe's step and average, text tower and temperature
# frozen as in all its learners: 8 tasks of 8 support and 8 query videos.
_base_ = './actionclip_plain.py'

model = dict(trainable=['backbone.', 'neck.'])
train_cfg = dict(
    _delete_=True,
    type='CrossBatchTrainLoop',
    max_epochs=_base_.train_cfg.max_epochs,
    total_tasks=8,
)
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
