"""Train and test on the same classes: K400, and its temporal subset."""

from typing import Any

from ..cell import Cell
from ..protocol import Protocol, Run
from ..reduction import Column, Value
from ..setups import Setup, get_setup
from .zero_shot import K400_RUN

_K400_VAL: dict[str, Any] = dict(
    dataset='K400',
    videos='validation list',
    data='k400_val',
    vocabulary='kinetics400',
)


def k400_full(setup: Setup) -> Protocol:
    """Fully supervised K400, 4 clips x 3 crops.

    Sources: ViFi-CLIP (CVPR 2023) and TC-CLIP (ECCV 2024), 16 frames; the
    others have no such table.
    """
    setup = _twelve_views(setup)
    cell = Cell(name='k400/full', run='k400_full', setup=setup, **_K400_VAL)
    return Protocol(
        name='k400-full',
        title='Fully supervised K400',
        setup=setup,
        cells=(cell,),
        columns=_top1_and_top5(cell),
        runs={'k400_full': Run('k400_full')},
        paper_keys=('fully_supervised',),
        notes=(
            'The best epoch on the validation list, as the papers take it, '
            'would be chosen on the reported videos. Here: the last.',
        ),
    )


def k400_val(setup: Setup) -> Protocol:
    """Closed-set K400 of the zero-shot training."""
    cell = Cell(name='k400/closed', run='k400', setup=setup, **_K400_VAL)
    return Protocol(
        name='k400-closed',
        title='K400 after the zero-shot training',
        setup=setup,
        cells=(cell,),
        columns=_top1_and_top5(cell),
        runs=K400_RUN,
        paper_keys=('closed_set',),
    )


def k400_tiny(setup: Setup) -> Protocol:
    """Train on 150 videos of each K400 class, test on K400.

    Source: ViFi-CLIP (CVPR 2023), Table 5.
    """
    setup = setup.alone()
    cell = Cell(name='k400/tiny', run='k400_tiny', setup=setup, **_K400_VAL)
    return Protocol(
        name='k400-tiny',
        title='K400 from 150 training videos a class',
        setup=setup,
        cells=(cell,),
        columns=(Column('K400-tiny', 'top1', Value(cell.name)),),
        runs={'k400_tiny': Run('k400_tiny')},
        paper_keys=('fusion_ablation',),
    )


def temporal(setup: Setup) -> Protocol:
    """Classes that need the order of the frames, and classes that do not.

    Source: TC-CLIP (ECCV 2024), Table 10; 18 temporal classes of SSv2 in its
    released list, 16 in its text.
    """
    lists = (
        ('K400', 'k400/full_subsets', 'k400_val', 'kinetics400', 19877),
        ('K400-temporal32', 'k400/temporal32', 'k400_temporal32', '', 1588),
        ('K400-static32', 'k400/static32', 'k400_static32', '', 1593),
        ('SSv2', 'ssv2/16shot', 'ssv2_val1', 'ssv2', 24777),
        ('SSv2-temporal', 'ssv2/temporal18', 'ssv2_temporal18', '', 3371),
        ('SSv2-static', 'ssv2/static16', 'ssv2_static16', '', 2225),
    )
    cells = tuple(
        Cell(
            name=name,
            dataset=title,
            videos='validation list, classes of the vocabulary',
            data=data,
            vocabulary=vocabulary or data.replace('k400', 'kinetics400'),
            run=f'{name.partition("/")[0]}_tuned',
            setup=_twelve_views(setup)
            if name.startswith('k400')
            else setup.alone(),
            size=size,
        )
        for title, name, data, vocabulary, size in lists
    )
    return Protocol(
        name='temporal',
        title='Temporal and static subsets of K400 and SSv2',
        setup=setup.alone(),
        cells=cells,
        columns=tuple(
            Column(cell.dataset, 'top1', Value(cell.name)) for cell in cells
        ),
        runs={
            'k400_tuned': Run('k400_full'),
            'ssv2_tuned': Run('fs', {'dataset': 'ssv2', 'shots': 16}),
        },
        paper_keys=('temporal_subset',),
        notes=('Only the classes of a subset compete.',),
    )


def _twelve_views(setup: Setup) -> Setup:
    """Return the views of fully supervised K400."""
    return get_setup(
        setup.alone(),
        frames=16,
        clips=4,
        crops=3,
        size='short side 224, 3 crops of 224',
    )


def _top1_and_top5(cell: Cell) -> tuple[Column, ...]:
    return tuple(
        Column('K400', m, Value(cell.name, m)) for m in ('top1', 'top5')
    )
