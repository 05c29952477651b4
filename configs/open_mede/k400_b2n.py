# Open-MeDe, base-to-novel on Kinetics-400.
_base_ = './ucf101_b2n.py'

train_dataloader = dict(dataset=_base_.catalog.k400_base_fs)
val_dataloader = dict(dataset=_base_.catalog.k400_base)
test_dataloader = [
    dict(
        _base_.test_dataloader[0],
        name=name,
        dataset=dict(
            _base_.test_dataloader[0].dataset, **_base_.catalog[name]
        ),
    )
    for name in ('k400_base', 'k400_novel')
]
