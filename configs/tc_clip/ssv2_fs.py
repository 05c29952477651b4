# TC-CLIP, few-shot on SSv2: --cfg-options shots=2 (4, 8; 16 if not given).
# Videos are not flipped: directions are classes here.
_base_ = [
    '../_base_/models/tc_clip.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/schedules/few_shot.py',
    '../_base_/best_checkpoint.py',
]

shots = _base_.run.shots
train_dataloader = dict(
    dataset=dict(
        _base_.catalog.ssv2_fs,
        pipeline=[
            step for step in _base_.train_pipeline if step.type != 'Flip'
        ],
    )
)
val_dataloader = dict(dataset=_base_.catalog.ssv2_val)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=name,
        dataset=dict(_base_.test_loader.dataset, **_base_.catalog[name]),
    )
    for name in ('ssv2_val',)
]
