# TC-CLIP, few-shot on UCF101: --cfg-options shots=2 (4, 8; 16 if not given).
_base_ = [
    '../_base_/models/tc_clip.py',
    '../_base_/datasets/tc_clip.py',
    '../_base_/schedules/few_shot.py',
    '../_base_/best_checkpoint.py',
]

shots = _base_.run.shots
train_dataloader = dict(dataset=_base_.catalog.ucf101_fs)
val_dataloader = dict(dataset=_base_.catalog.ucf101_val1)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=name,
        dataset=dict(_base_.test_loader.dataset, **_base_.catalog[name]),
    )
    for name in ('ucf101_val1',)
]
