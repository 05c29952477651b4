# Open-MeDe: cross-batch meta steps on VCLIP, Gaussian average of the epochs.
#   tools/dist_train.sh configs/mini/open_mede.py 2
# Two tasks of 8 support and 8 query videos, on one process or on two.
_base_ = '../_base_/recipes/open_mede.py'

model = dict(backbone=dict(type='VCLIPViT'))
train_dataloader = dict(batch_size=16)
train_cfg = _base_.meta_loop
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, _base_.gwa]
