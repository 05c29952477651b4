# ViFi-CLIP, base-to-novel on Kinetics-400: 16 videos of each base class.
# The draw is --cfg-options seed=2 (1..3; 1 if not given). Each of the two test
# sets has class names of its own.
_base_ = [
    '../_base_/models/vifi_clip.py',
    '../_base_/datasets/vifi_clip.py',
    '../_base_/schedules/vifi_clip_b2n.py',
    '../_base_/default_runtime.py',
]

seed = _base_.run.seed
train_dataloader = dict(dataset=_base_.catalog.k400_base_fs)
val_dataloader = dict(dataset=_base_.catalog.k400_base)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=name,
        dataset=dict(_base_.test_loader.dataset, **_base_.catalog[name]),
    )
    for name in ('k400_base', 'k400_novel')
]
