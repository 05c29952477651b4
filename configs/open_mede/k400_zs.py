# Open-MeDe, cross-dataset: K400 to UCF101 and HMDB51, without CLIP ensemble.
#   tools/dist_train.sh configs/open_mede/k400_zs.py 4
# An update has 4 tasks of 8 support and 8 query videos, on 1, 2 or 4 GPUs.
# Rows of the paper's tables that are options:
#   Table 8    optim_wrapper.delta=0.005 (0.5, 1; the paper's values are lost)
#   Table 11   train_dataloader.batch_size=8 (4 + 4 videos a task; 32: 16 +
#              16), train_cfg.total_tasks=8
#   Table 12   at test model.type=CLIPEnsemble model.ratio=0.5 (logits), or a
#              checkpoint of tools/patch_weights.py --alpha 0.5 (weights)
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/k400_zs_uniform.py',
    '../_base_/schedules/adamw_22e.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(batch_size=16)
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper')
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook')]
