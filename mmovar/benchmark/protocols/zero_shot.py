"""Train on Kinetics-400, test on classes of other datasets.

Source: Open-VCLIP (ICML 2023), section 4.1 (EP1 to EP3 and K600); ViFi-CLIP
(CVPR 2023) and TC-CLIP (ECCV 2024) test EP3 and another list of K600.
"""

from ..cell import Cell, Selection
from ..protocol import Protocol, Run
from ..reduction import Column, Mean, Value, mean_of_cells
from ..setups import Setup

K400_RUN = {'k400': Run('k400_zs')}
TITLES = {'ucf101': 'UCF101', 'hmdb51': 'HMDB51'}

_EP2_SIZES = {'ucf101': 13320, 'hmdb51': 5100}
_EP3_SIZES = {'ucf101': (3783, 3734, 3696), 'hmdb51': (1530,) * 3}
_K600_DATA = {'val': 'k600_val_split{}', 'test': 'k600_split{}'}
_K600_SIZES = {'val': (7276, 7226, 7261), 'test': (14084, 13978, 14136)}


def k400_selection(setup: Setup) -> Selection:
    """Return how a family picks the checkpoint of its K400 training."""
    if setup.name in ('vifi_clip', 'tc_clip'):
        return Selection('best', 'k400/val')
    return Selection('last')


def spelled(dataset: str, setup: Setup) -> str:
    """Return the class names of a dataset as a family spells them."""
    camel = setup.name == 'vifi_clip' and dataset.startswith('ucf101')
    return f'{dataset}:camel' if camel else dataset


def ep1(setup: Setup) -> Protocol:
    """Half of the classes, ten draws (seed 2023), all of their videos."""
    cells = tuple(
        Cell(
            name=f'{dataset}/ep1/{draw}',
            dataset=title,
            videos='train and test list of split 1, drawn classes',
            data=f'{dataset}_ep1_{draw}',
            vocabulary=f'{dataset}_ep1_{draw}',
            run='k400',
            setup=setup,
            size=2500 if dataset == 'hmdb51' else None,
        )
        for dataset, title in TITLES.items()
        for draw in range(10)
    )
    return _zero_shot(
        'ep1',
        'Zero-shot EP1: 10 random halves of the classes',
        setup,
        cells,
        'zero_shot_ep1',
        over='10 draws',
    )


def ep2(setup: Setup) -> Protocol:
    """All classes, all videos of split 1."""
    cells = tuple(
        Cell(
            name=f'{dataset}/ep2',
            dataset=title,
            videos='train and test list of split 1',
            data=dataset,
            vocabulary=spelled(dataset, setup),
            run='k400',
            setup=setup,
            size=_EP2_SIZES[dataset],
        )
        for dataset, title in TITLES.items()
    )
    return _zero_shot(
        'ep2', 'Zero-shot EP2: all videos', setup, cells, 'zero_shot_ep2'
    )


def ep3(setup: Setup) -> Protocol:
    """All classes, the three official test lists."""
    cells = tuple(
        Cell(
            name=f'{dataset}/ep3/{split}',
            dataset=title,
            videos=f'test list of split {split}',
            data=f'{dataset}_val{split}',
            vocabulary=spelled(dataset, setup),
            run='k400',
            setup=setup,
            size=_EP3_SIZES[dataset][split - 1],
        )
        for dataset, title in TITLES.items()
        for split in (1, 2, 3)
    )
    return _zero_shot(
        'ep3',
        'Zero-shot EP3: three test splits',
        setup,
        cells,
        'zero_shot_ep3',
        over='3 splits',
    )


def k600_val(setup: Setup) -> Protocol:
    """Three times 160 new classes of K600, videos of its validation set."""
    return _k600(setup, 'val')


def k600_test(setup: Setup) -> Protocol:
    """Three times 160 new classes of K600, videos of its test set."""
    return _k600(setup, 'test')


def zero_shot(setup: Setup) -> Protocol:
    """EP3 and K600 together, with the average of the three datasets.

    K600 is ``k600-test`` for ViFi-CLIP and TC-CLIP, ``k600-val`` else.
    """
    tested = setup.name in ('vifi_clip', 'tc_clip')
    splits, k600 = ep3(setup), _k600(setup, 'test' if tested else 'val')
    columns = (*splits.columns, *k600.columns)
    parts = tuple(c.reduction for c in columns if c.metric == 'top1')
    average = Mean(parts, 'UCF101, HMDB51 and K600')
    return Protocol(
        name='zero-shot',
        title=f'Zero-shot EP3 and {k600.name}',
        setup=setup,
        cells=(*splits.cells, *k600.cells),
        columns=(*columns, Column('avg(HMDB,UCF,K600)', 'top1', average)),
        runs=K400_RUN,
        paper_keys=('zero_shot_ep3', 'zero_shot_k600'),
        selection=k400_selection(setup),
        notes=(*splits.notes, *k600.notes),
    )


def _k600(setup: Setup, family: str) -> Protocol:
    cells = tuple(
        Cell(
            name=f'k600/{family}/{split}',
            dataset='K600',
            videos=f'K600 {family} videos of split {split}',
            data=_K600_DATA[family].format(split),
            vocabulary=f'kinetics600_split{split}',
            run='k400',
            setup=setup,
            size=_K600_SIZES[family][split - 1],
        )
        for split in (1, 2, 3)
    )
    names = [cell.name for cell in cells]
    return Protocol(
        name=f'k600-{family}',
        title=f'Zero-shot K600, 3 x 160 classes, {family} videos',
        setup=setup,
        cells=cells,
        columns=tuple(
            Column('K600', m, mean_of_cells(names, '3 splits', m, setup.ddof))
            for m in ('top1', 'top5')
        ),
        runs=K400_RUN,
        paper_keys=('zero_shot_k600',),
        selection=k400_selection(setup),
        notes=(
            'k600-val (Open-VCLIP, FROSTER, Open-MeDe) and k600-test '
            '(ViFi-CLIP, TC-CLIP) share no video.',
        ),
    )


def _zero_shot(
    name: str,
    title: str,
    setup: Setup,
    cells: tuple[Cell, ...],
    paper_key: str,
    over: str = '',
) -> Protocol:
    columns = []
    for dataset, text in TITLES.items():
        names = [c.name for c in cells if c.name.startswith(dataset)]
        for metric in ('top1', 'top5'):
            number = (
                mean_of_cells(names, over, metric, setup.ddof)
                if over
                else Value(names[0], metric)
            )
            columns.append(Column(text, metric, number))
    return Protocol(
        name=name,
        title=title,
        setup=setup,
        cells=cells,
        columns=tuple(columns),
        runs=K400_RUN,
        paper_keys=(paper_key,),
        selection=k400_selection(setup),
        notes=_NAMES_NOTE,
    )


_NAMES_NOTE = (
    'Class names of HMDB51 in the order of its labels; X-CLIP, ViFi-CLIP and '
    'TC-CLIP swap kick ball/kick and sword exercise/sword. Vocabulary '
    'hmdb51_legacy_names gives their numbers.',
)
