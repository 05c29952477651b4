"""The embedded benchmark: rendered clips, three seeds."""

from ..cell import Cell
from ..protocol import Protocol, Run
from ..reduction import Column, Harmonic, Mean, Value
from ..setups import Setup, get_setup

SEEDS = (0, 1, 2)
_SETS = {
    'known_ic': 'known IC',
    'known_ooc': 'known OOC',
    'novel_ic': 'novel IC',
    'novel_ooc': 'novel OOC',
}
_PAIRS = (('known_ic', 'novel_ic'), ('novel_ic', 'novel_ooc'))


def mini(setup: Setup) -> Protocol:
    """Train on known classes, test on known and novel, in and out of context.

    A seed sets the pre-training and the fine-tuning; the videos are the same.
    """
    setup = get_setup('mini')
    values = {
        name: [Value(f'mini/{name}/{seed}') for seed in SEEDS]
        for name in _SETS
    }
    columns = [
        Column(title, 'top1', Mean(tuple(values[name]), '3 seeds', setup.ddof))
        for name, title in _SETS.items()
    ]
    for one, other in _PAIRS:
        title = f'{_SETS[one]} and {_SETS[other]}'
        parts = tuple(
            Harmonic(pair, title)
            for pair in zip(values[one], values[other], strict=True)
        )
        hm = Mean(parts, f'3 seeds, HM of {title}', setup.ddof)
        columns.append(Column(f'hm({title})', 'hm', hm))
    return Protocol(
        name='mini',
        version=1,
        title='The embedded benchmark',
        setup=setup,
        cells=tuple(
            _cell(name, seed, setup) for seed in SEEDS for name in _SETS
        ),
        columns=tuple(columns),
        runs={
            f'seed{seed}': Run(
                'mini/{method}',
                {'model.weights': f'{{data_root}}/mini/clip/seed{seed}.pt'},
                seed=seed,
            )
            for seed in SEEDS
        },
        notes=('IC: in context, OOC: out of context.',),
    )


def _cell(name: str, seed: int, setup: Setup) -> Cell:
    return Cell(
        name=f'mini/{name}/{seed}',
        dataset='mini',
        videos=_SETS[name],
        data=name,
        vocabulary=None,
        run=f'seed{seed}',
        setup=setup,
    )
