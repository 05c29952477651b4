"""Train on K videos of each class, test on all.

Source: ViFi-CLIP (CVPR 2023), Table 3; TC-CLIP (ECCV 2024), Table 2.
"""

from ..cell import Cell, Selection
from ..protocol import Protocol, Run
from ..reduction import Column, Mean, Value
from ..setups import Setup
from .zero_shot import spelled

SHOTS = (2, 4, 8, 16)
DATASETS = {'hmdb51': 'HMDB51', 'ucf101': 'UCF101', 'ssv2': 'SSv2'}
_TEST = {
    'hmdb51': ('hmdb51_val1', 1530),
    'ucf101': ('ucf101_val1', 3783),
    'ssv2': ('ssv2_val1', 24777),
}


def few_shot(setup: Setup) -> Protocol:
    """Three datasets, 2 to 16 videos a class."""
    setup = setup.alone()
    cells = tuple(
        Cell(
            name=f'{dataset}/few_shot/{shots}',
            dataset=title,
            videos='validation list'
            if dataset == 'ssv2'
            else 'test list of split 1',
            data=_TEST[dataset][0],
            vocabulary=spelled(dataset, setup),
            run=f'{dataset}_{shots}',
            setup=setup,
            size=_TEST[dataset][1],
        )
        for dataset, title in DATASETS.items()
        for shots in SHOTS
    )
    return Protocol(
        name='few-shot',
        title='Few-shot, K videos a class',
        setup=setup,
        cells=cells,
        columns=tuple(_columns()),
        runs={
            f'{dataset}_{shots}': Run(
                'fs', {'dataset': dataset, 'shots': shots}
            )
            for dataset in DATASETS
            for shots in SHOTS
        },
        paper_keys=('few_shot', 'few_shot_ablation'),
        selection=Selection('last'),
        notes=(
            'TC-CLIP reports the best of six epochs on the test list '
            '(legacy). Here: the last.',
        ),
    )


def _columns() -> list[Column]:
    values = {
        (dataset, shots): Value(f'{dataset}/few_shot/{shots}')
        for dataset in DATASETS
        for shots in SHOTS
    }
    columns = [
        Column(DATASETS[dataset], 'top1', value, shots)
        for (dataset, shots), value in values.items()
    ]
    means = []
    for dataset, title in DATASETS.items():
        parts = tuple(values[dataset, shots] for shots in SHOTS)
        mean = Mean(parts, 'K = 2, 4, 8, 16')
        columns.append(Column(title, 'top1', mean, 'mean(2,4,8,16)'))
        means.append(mean)
    overall = Mean(tuple(means), '3 datasets')
    return [
        *columns,
        Column('avg', 'top1', overall, 'mean(2,4,8,16)'),
        Column('avg', 'top1', overall, 'all'),
    ]
