# Open-VCLIP, base-to-novel on HMDB51.
_base_ = './ucf101_b2n.py'

train_dataloader = dict(dataset=_base_.catalog.hmdb51_base_fs)
val_dataloader = dict(dataset=_base_.catalog.hmdb51_base)
test_dataloader = [
    dict(
        _base_.test_dataloader[0],
        name=name,
        dataset=dict(
            _base_.test_dataloader[0].dataset, **_base_.catalog[name]
        ),
    )
    for name in ('hmdb51_base', 'hmdb51_novel')
]
