"""Few-shot data of TC-CLIP's ablations: --cfg-options dataset=ucf101 shots=4.

Sets are hmdb51 (if not given), ucf101 and ssv2, which is not flipped.
"""

_base_ = './tc_clip.py'

dataset = '{{$MMOVAR_DATASET:hmdb51}}'
shots = _base_.run.shots

__val = _base_.catalog['ssv2_val' if dataset == 'ssv2' else f'{dataset}_val1']
train_dataloader = dict(
    dataset=dict(
        _base_.catalog[f'{dataset}_fs'],
        pipeline=[
            step
            for step in _base_.train_pipeline
            if dataset != 'ssv2' or step.type != 'Flip'
        ],
    )
)
val_dataloader = dict(dataset=__val)
test_dataloader = [
    dict(
        _base_.test_loader,
        name=dataset,
        dataset=dict(_base_.test_loader.dataset, **__val),
    )
]
