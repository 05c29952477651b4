# Open-MeDe, base-to-novel on UCF101: 16 videos of each base class.
# The draw is --cfg-options seed=2 (1..3; 1 if not given). The paper gives the
# 12 epochs; mu and sigma are those of 22 epochs, scaled.
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/k400_zs_uniform.py',
    '../_base_/schedules/adamw_12e.py',
    '../_base_/default_runtime.py',
]

seed = _base_.run.seed
train_cfg = dict(type='CrossBatchTrainLoop')
optim_wrapper = dict(type='CrossBatchMetaOptimWrapper', delta=0.05)
custom_hooks = [*_base_.custom_hooks, dict(type='GWAHook', mu=8, sigma=5)]

train_dataloader = dict(
    batch_size=16,
    dataset=_base_.catalog.ucf101_base_fs,
)
val_dataloader = dict(dataset=_base_.catalog.ucf101_base)
test_dataloader = [
    dict(
        _base_.test_dataloader[0],
        name=name,
        dataset=dict(
            _base_.test_dataloader[0].dataset, **_base_.catalog[name]
        ),
    )
    for name in ('ucf101_base', 'ucf101_novel')
]
