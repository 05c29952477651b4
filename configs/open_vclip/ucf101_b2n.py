# Open-VCLIP, base-to-novel on UCF101: 16 videos of each base class.
# The draw is --cfg-options seed=2 (1..3; 1 if not given). The paper has no
# such table; the 12 epochs are those that FROSTER compares it with.
_base_ = [
    '../_base_/models/vclip.py',
    '../_base_/datasets/k400_zs.py',
    '../_base_/schedules/adamw_12e.py',
    '../_base_/default_runtime.py',
]

seed = _base_.run.seed
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='IWRHook', max_alpha=0.6, loss_weight=0.5),
    dict(type='SWAHook', begin=2),
    dict(type='WeightPatchHook', open_vclip_ratio=0.5),
]

train_dataloader = dict(dataset=_base_.catalog.ucf101_base_fs)
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
