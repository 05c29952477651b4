"""The embedded benchmark: rendered clips, five seeds."""

from collections.abc import Sequence

from ..cell import Cell
from ..finding import Change, Finding
from ..protocol import Protocol, Run
from ..reduction import Column, Harmonic, Mean, Reduction, Value
from ..setups import Setup, get_setup

SEEDS = (0, 1, 2, 3, 4)
"""Of videos, pre-training and fine-tuning together."""

DEVELOPMENT_SEEDS = (100, 101)
"""Of the search for recipes; no table has them."""

_SETS = {
    'known_ic': 'known classes in context',
    'known_ooc': 'known classes out of context',
    'novel_ic': 'novel classes in context',
    'novel_ooc': 'novel classes out of context',
    'known_ic_shuffled': 'those of known_ic, frames shuffled',
    'novel_ic_shuffled': 'those of novel_ic, frames shuffled',
}
_LEARNERS = {
    'xclip': 'X-CLIP',
    'st_adapter': 'ST-Adapter',
    'vita_clip': 'Vita-CLIP',
    'actionclip': 'ActionCLIP',
    'a5': 'A5 ("VPT")',
}
_STEPS = {'plain': 'plain', 'open_mede': 'Open-MeDe', 'iwr': 'IWR'}

TITLES = {
    'clip': 'frozen CLIP',
    'vifi_clip': 'frame-wise fine-tuning (ViFi-CLIP, vision only)',
    'vifi_both': 'ViFi-CLIP, both encoders',
    'vifi_vl_prompt': 'ViFi-CLIP, VL prompting of frozen CLIP',
    'tc_clip': 'TC-CLIP, both encoders',
    'vclip': 'VCLIP, plain fine-tuning',
    'open_mede': 'Open-MeDe',
    'ablations/accumulation': 'gradient accumulation',
    'ablations/l2': 'l2 to CLIP',
    'ablations/rfd': 'feature distillation',
    'ablations/iwr': 'IWR',
    'ablations/iwr_swa': 'IWR + SWA',
    'ablations/open_vclip': 'Open-VCLIP (IWR + SWA, half of CLIP)',
    'ablations/initial_order': 'Open-MeDe, batches in the order of classes',
    'ablations/similar_classes': 'Open-MeDe, batches of similar classes',
    'ablations/meta_unseen': 'Meta-Unseen',
    'ablations/meta': 'cross-batch meta',
    'ablations/gwa': 'GWA',
    **{
        f'learners/{learner}_{step}': f'{_LEARNERS[learner]}, {_STEPS[step]}'
        for learner in _LEARNERS
        for step in _STEPS
    },
}
"""Config below ``configs/mini`` to its title in tables."""


def mini(setup: Setup, seeds: Sequence[int] = SEEDS) -> Protocol:
    """Train on known classes, test on known and novel, in and out of context.

    Args:
        setup: Replaced by the benchmark's own.
        seeds: Some of :data:`SEEDS`, or of :data:`DEVELOPMENT_SEEDS`.

    Raises:
        ValueError: If there is no such seed.
    """
    if not seeds or not (
        set(seeds) <= set(SEEDS) or set(seeds) <= set(DEVELOPMENT_SEEDS)
    ):
        raise ValueError(
            f'seeds of mini are {SEEDS}, for development '
            f'{DEVELOPMENT_SEEDS}, got {list(seeds)}'
        )
    setup = get_setup('mini')

    def mean(parts: Sequence[Reduction]) -> Mean:
        return Mean(tuple(parts), f'seeds {list(seeds)}', setup.ddof)

    def values(name: str, metric: str = 'top1') -> list[Value]:
        return [Value(f'mini/{name}/{seed}', metric) for seed in seeds]

    def column(name: str, metric: str = 'top1') -> Column:
        return Column(name, metric, mean(values(name, metric)))

    def harmonic(one: str, other: str) -> Column:
        pairs = zip(values(one), values(other), strict=True)
        parts = [Harmonic(pair, f'{one} and {other}') for pair in pairs]
        return Column(f'{one}/{other}', 'hm', mean(parts))

    names = list(_SETS)
    return Protocol(
        name='mini',
        title='The embedded benchmark',
        setup=setup,
        cells=tuple(
            _cell(name, seed, setup) for seed in seeds for name in names
        ),
        columns=(
            *map(column, names[:4]),
            harmonic('known_ic', 'novel_ic'),
            harmonic('novel_ic', 'novel_ooc'),
            *map(column, names[4:]),
            *(
                column(name, part)
                for name in ('novel_ic', 'novel_ooc')
                for part in ('object', 'motion')
            ),
        ),
        runs={
            f'seed{seed}': Run(
                'mini/{method}',
                {
                    'model.weights': f'{{data_root}}/mini/clip/seed{seed}.pt',
                    'draw': str(seed),
                },
                seed=seed,
            )
            for seed in seeds
        },
        titles=TITLES,
        findings=_findings(*map(column, (*names[2:4], names[5]))),
        notes=(
            'Accuracy in percent, 72 known and 24 novel classes, chance 1.4 '
            'and 4.2. ic: in context, ooc: out of context, hm: harmonic mean, '
            'seed by seed. A seed sets videos, pre-training and fine-tuning.',
            'Controls: shuffled frames (a model that sees frames as a set has '
            'an expectation of at most 50, ordered or shuffled), and whether '
            'the object or the motion alone is right (chance 50 and 8.3).',
        ),
    )


def _findings(
    ic: Column, ooc: Column, shuffled: Column
) -> tuple[Finding, ...]:
    """Say what tuning, scenes and CLIP's logits do to novel classes."""

    def method(subject: str, before: str, after: str) -> Finding:
        changes = (
            Change('on novel classes in context', (before, ic), (after, ic)),
            Change('out of context', (before, ooc), (after, ooc)),
        )
        return Finding(subject, changes)

    def background(subject: str, name: str) -> Finding:
        change = Change('on novel classes', (name, ic), (name, ooc))
        return Finding(f'{subject}, shown another background,', (change,))

    order = Change('on novel classes', ('vclip', ic), ('vclip', shuffled))
    return (
        method('Plain tuning instead of frozen CLIP', 'clip', 'vclip'),
        background('Plain tuning', 'vclip'),
        background('Frozen CLIP', 'clip'),
        method('Open-MeDe instead of plain tuning', 'vclip', 'open_mede'),
        *(
            method(
                f"{title} with half of CLIP's logits", name, name + '+logits'
            )
            for title, name in (
                ('Plain tuning', 'vclip'),
                ('Open-MeDe', 'open_mede'),
            )
        ),
        Finding(
            'Plain tuning, shown the frames in any order,',
            (order,),
            ': what frames say without their order is worth 50 at most',
        ),
    )


def _cell(name: str, seed: int, setup: Setup) -> Cell:
    return Cell(
        name=f'mini/{name}/{seed}',
        dataset='mini',
        videos=_SETS[name],
        data=name,
        version=4,
        vocabulary=None,
        run=f'seed{seed}',
        setup=setup,
    )
