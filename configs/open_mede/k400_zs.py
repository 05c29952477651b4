# Open-MeDe, cross-dataset: K400 to UCF101 and HMDB51, without CLIP ensemble.
#   tools/dist_train.sh configs/open_mede/k400_zs.py 8
# A GPU is a task of 8 support and 8 query videos; the paper has 4 tasks, and
# 8 in the last row of its Table 11. Delta, mu and sigma are not in the paper.
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/k400_zs_uniform.py',
    '../_base_/schedules/adamw_22e.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(batch_size=16)
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper', delta=0.05)
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='GWAHook', mu=15, sigma=10),
]
