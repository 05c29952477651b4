# ViFi-CLIP's bridge and prompt, base-to-novel on HMDB51: prompts in both
# towers, which were tuned on Kinetics-400 and stay. Other weights, or those of
# CLIP, are --cfg-options load_from=/path/to/them.pth (or None).
_base_ = [
    '../_base_/models/vifi_vl_prompt_b2n.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/vifi_clip_b2n.py',
    '../_base_/default_runtime.py',
]

load_from = 'work_dirs/vifi_clip/k400_zs/epoch_10.pth'
optim_wrapper = dict(optimizer=dict(lr=4e-2), paramwise_cfg=None)
seed = _base_.run.seed
train_dataloader = dict(dataset=_base_.catalog.hmdb51_base_fs)
val_dataloader = dict(dataset=_base_.catalog.hmdb51_base)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=name,
        dataset=dict(_base_.test_loader.dataset, **_base_.catalog[name]),
    )
    for name in ('hmdb51_base', 'hmdb51_novel')
]
