# TC-CLIP, base-to-novel on HMDB51: 16 videos of each base class.
# The draw is --cfg-options seed=2 (1..3; 1 if not given). Each of the two test
# sets has class names of its own.
_base_ = [
    '../_base_/models/tc_clip.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/schedules/tc_clip_b2n.py',
    '../_base_/best_checkpoint.py',
]

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
