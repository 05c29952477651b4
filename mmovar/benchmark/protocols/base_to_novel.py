"""Train on 16 videos of each base class, test on base and novel classes.

Source: ViFi-CLIP (CVPR 2023), section 4; TC-CLIP, docs of the released code:
mean over three draws, then the harmonic mean of the means.
"""

from ..cell import Cell, Selection
from ..protocol import Protocol, Run
from ..reduction import Column, Harmonic, Mean, mean_of_cells
from ..setups import Setup
from .zero_shot import spelled

DATASETS = {
    'k400': 'K400',
    'hmdb51': 'HMDB51',
    'ucf101': 'UCF101',
    'ssv2': 'SSv2',
}
DRAWS = (1, 2, 3)
_SIZES = {
    'k400': (9944, 9933),
    'hmdb51': (780, 750),
    'ucf101': (2088, 1695),
    'ssv2': (17562, 7215),
}
_VOCABULARIES = {'k400': 'kinetics400'}


def base_to_novel(setup: Setup) -> Protocol:
    """Base and novel halves of four datasets, three 16-shot draws."""
    # Open-VCLIP patches wherever it is tested, Open-MeDe mixes in context
    if setup.name not in ('open_vclip', 'open_mede'):
        setup = setup.alone()
    cells, columns = [], []
    means: dict[str, list[Mean]] = {'base': [], 'novel': []}
    for dataset, title in DATASETS.items():
        parts = []
        for half, size in zip(means, _SIZES[dataset], strict=True):
            names = []
            for draw in DRAWS:
                cell = _cell(dataset, title, half, draw, setup, size)
                cells.append(cell)
                names.append(cell.name)
            mean = mean_of_cells(names, '3 draws', ddof=setup.ddof)
            columns.append(Column(title, half, mean))
            parts.append(mean)
            means[half].append(mean)
        hm = Harmonic(tuple(parts), 'mean base and mean novel')
        columns.append(Column(title, 'hm', hm))
    averages = {
        half: Mean(tuple(parts), '4 datasets') for half, parts in means.items()
    }
    columns += [Column('avg', half, avg) for half, avg in averages.items()]
    hm = Harmonic(tuple(averages.values()), 'average base and novel')
    columns.append(Column('avg', 'hm', hm))
    return Protocol(
        name='b2n',
        title='Base to novel, 16 videos a base class',
        setup=setup,
        cells=tuple(cells),
        columns=tuple(columns),
        runs={
            f'{dataset}_draw{draw}': Run(
                'b2n', {'dataset': dataset, 'draw': draw}
            )
            for dataset in DATASETS
            for draw in DRAWS
        },
        paper_keys=('base2novel',),
        selection=Selection('last'),
        notes=(
            'TC-CLIP takes the epoch that is best on the base videos it '
            'reports; ViFi-CLIP the last. Here: the last.',
            'The novel classes are never seen together with the base classes.',
        ),
    )


def _cell(
    dataset: str, title: str, half: str, draw: int, setup: Setup, size: int
) -> Cell:
    names = f'{_VOCABULARIES.get(dataset, dataset)}_{half}'
    return Cell(
        name=f'{dataset}/b2n/{half}/{draw}',
        dataset=title,
        videos=f'validation videos of the {half} classes, draw {draw}',
        data=f'{dataset}_{half}',
        vocabulary=spelled(names, setup),
        run=f'{dataset}_draw{draw}',
        setup=setup,
        size=size,
    )
