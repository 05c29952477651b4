# ViFi-CLIP's bridge and prompt, few-shot on SSv2: prompts in both
# towers, which were tuned on Kinetics-400 and stay. Other weights, or those of
# CLIP, are --cfg-options load_from=/path/to/them.pth (or None).
_base_ = [
    '../_base_/models/vifi_vl_prompt.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/few_shot.py',
    '../_base_/best_checkpoint.py',
]

load_from = 'work_dirs/vifi_clip/k400_zs/epoch_10.pth'
optim_wrapper = dict(optimizer=dict(lr=8e-3), paramwise_cfg=None)
shots = _base_.run.shots
train_dataloader = dict(dataset=_base_.catalog.ssv2_fs)
val_dataloader = dict(dataset=_base_.catalog.ssv2_val)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=name,
        dataset=dict(_base_.test_loader.dataset, **_base_.catalog[name]),
    )
    for name in ('ssv2_val',)
]
