# Open-MeDe, base-to-novel on SSv2.
_base_ = './ucf101_b2n.py'

train_dataloader = dict(dataset=_base_.catalog.ssv2_base_fs)
val_dataloader = dict(dataset=_base_.catalog.ssv2_base)
test_dataloader = [
    dict(
        _base_.test_dataloader[0],
        name=name,
        dataset=dict(
            _base_.test_dataloader[0].dataset, **_base_.catalog[name]
        ),
    )
    for name in ('ssv2_base', 'ssv2_novel')
]
