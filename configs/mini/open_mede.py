# Open-MeDe: cross-batch meta steps on VCLIP, Gaussian average of the epochs.
#   tools/dist_train.sh configs/mini/open_mede.py 2
# Each of the two processes is a task of 8 support and 8 query videos. On one
# process the same is --cfg-options train_dataloader.batch_size=32
# train_cfg.num_tasks=2
_base_ = '../_base_/mini.py'

model = dict(backbone=dict(type='VCLIPViT'))
train_dataloader = dict(batch_size=16)
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, _base_.gwa]
