# Open-MeDe: cross-batch meta steps on VCLIP, Gaussian average of the epochs.
#   tools/dist_train.sh configs/mini/open_mede.py 2
# Two tasks of 4 support and 4 query videos, on one process or on two.
_base_ = '../_base_/recipes/open_mede.py'

model = dict(backbone=dict(type='VCLIPViT'))
train_dataloader = dict(batch_size=8)
train_cfg = _base_.meta_loop
optim_wrapper = _base_.meta_step
custom_hooks = [*_base_.custom_hooks, _base_.gwa]
