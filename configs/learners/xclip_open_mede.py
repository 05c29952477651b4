# X-CLIP with Open-MeDe's step and average. On 8 GPUs an update takes 256
# videos, as plainly: 4 tasks a GPU, each of 4 support and 4 query videos.
_base_ = './xclip_plain.py'

train_dataloader = dict(batch_size=32)
train_cfg = dict(type='CrossBatchTrainLoop', num_tasks=4)
optim_wrapper = dict(
    _delete_=True,
    type='CrossBatchMetaOptimWrapper',
    optimizer=_base_.optim_wrapper.optimizer,
    constructor=_base_.optim_wrapper.constructor,
    paramwise_cfg=_base_.optim_wrapper.paramwise_cfg,
)
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
