# TC-CLIP, base-to-novel on SSv2: 16 videos of each base class.
# The draw is --cfg-options seed=2 (1..3; 1 if not given). Each of the two test
# sets has class names of its own.
# Videos are not flipped: directions are classes here.
_base_ = [
    '../_base_/models/tc_clip.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/schedules/tc_clip_b2n.py',
    '../_base_/best_checkpoint.py',
]

seed = _base_.run.seed
train_dataloader = dict(
    dataset=dict(
        _base_.catalog.ssv2_base_fs,
        pipeline=[
            step for step in _base_.train_pipeline if step.type != 'Flip'
        ],
    )
)
val_dataloader = dict(dataset=_base_.catalog.ssv2_base)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=name,
        dataset=dict(_base_.test_loader.dataset, **_base_.catalog[name]),
    )
    for name in ('ssv2_base', 'ssv2_novel')
]
