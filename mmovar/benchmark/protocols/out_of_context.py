"""Actions before foreign backgrounds: SCUBA, SCUFO and HAT.

Source: StillMix (ICCV 2023), HAT (NeurIPS 2022), Open-MeDe (ICCV 2025),
Tables 3, 5, 6 and 13.
"""

from collections.abc import Sequence

from ..cell import Cell
from ..protocol import Protocol
from ..reduction import (
    Column,
    Contrast,
    Harmonic,
    Mean,
    Reduction,
    Value,
    mean_of_cells,
)
from ..setups import Setup
from .zero_shot import K400_RUN, ep3, k400_selection, spelled

BACKGROUNDS = ('places365', 'vqgan', 'stripe')
SEEDS = (1, 2, 3)

# dataset: title, data source, vocabulary, videos in words
_PLAIN = {
    'ucf101': ('UCF101', 'ucf101_val1', 'ucf101', 'test list of split 1'),
    'hmdb51': ('HMDB51', 'hmdb51_val1', 'hmdb51', 'test list of split 1'),
    'k400': ('K400', 'k400_val', 'kinetics400', 'validation list'),
}
_PLAIN_SIZES = {'ucf101': 3783, 'hmdb51': 1530, 'k400': None}
_SCUBA_SIZES = {'ucf101': 4550, 'hmdb51': None, 'k400': 10190}
_HAT_SIZES = {
    ('ucf101', 'close'): (1562, 1560, 1556),
    ('ucf101', 'far'): (1200, 1243, 1199),
    ('ucf101', 'random'): (1572, 1572, 1572),
    ('k400', 'close'): (7860, 7860, 7860),
}
_HAT_VARIANTS = {
    'ucf101': ('random', 'close', 'far'),
    'k400': ('random', 'same', 'close', 'far'),
}


def ucf_scuba(setup: Setup) -> Protocol:
    """UCF101-SCUBA: 5 clips of each of 910 videos, 24 of 101 classes."""
    return _scuba('ucf101', setup)


def hmdb_scuba(setup: Setup) -> Protocol:
    """HMDB51-SCUBA: no public list; the user's copy counts."""
    return _scuba('hmdb51', setup)


def k400_scuba(setup: Setup) -> Protocol:
    """K400-SCUBA: 1 clip of each of 10,190 videos, 393 of 400 classes."""
    return _scuba('k400', setup)


def ucf_hat(setup: Setup) -> Protocol:
    """UCF101-HAT: random, close and far swaps, scenes and people alone."""
    return _hat('ucf101', setup)


def k400_hat(setup: Setup) -> Protocol:
    """K400-HAT: random, same, close and far swaps, scenes, people."""
    return _hat('k400', setup)


def ucf_ooc(setup: Setup) -> Protocol:
    """UCF101 in context, SCUBA (Places365), HAT (close, far), 3-way HM."""
    title = _PLAIN['ucf101'][0]
    plain = _plain_cell('ucf101', setup)
    setup = _naive(setup)
    scuba = _scuba_cell('ucf101', 'places365', False, setup)
    swaps = [
        _hat_cell('ucf101', variant, seed, setup)
        for variant in ('close', 'far')
        for seed in SEEDS
    ]
    columns = []
    for metric in ('top1', 'top5'):
        parts: tuple[Reduction, ...] = (
            Value(plain.name, metric),
            Value(scuba.name, metric),
            _close_and_far(swaps, metric),
        )
        titles = (f'{title}-split1', f'{title}-SCUBA', f'{title}-HAT')
        columns += [
            Column(name, metric, part)
            for name, part in zip(titles, parts, strict=True)
        ]
        hm = Harmonic(parts, 'UCF101, SCUBA and HAT')
        columns.append(Column('hm3(UCF,SCUBA,HAT)', metric, hm))
    return _protocol(
        'ucf-ooc',
        'UCF101 in and out of context',
        setup,
        (plain, scuba, *swaps),
        columns,
        ('out_of_context',),
        (
            'HAT: mean over 3 seeds of each list, then mean of close and '
            'far; the paper does not say how it weights them.',
            'Open-MeDe takes the ensemble with CLIP in context and the model '
            'alone out of it.',
        ),
    )


def _scuba(dataset: str, setup: Setup) -> Protocol:
    title = _PLAIN[dataset][0]
    if dataset == 'hmdb51':  # Open-MeDe's Tables 2 and 6 have one number
        plain = [c for c in ep3(setup).cells if c.name.startswith(dataset)]
        names = [cell.name for cell in plain]
        in_context: Reduction = mean_of_cells(
            names, '3 splits', ddof=setup.ddof
        )
    else:
        plain = [_plain_cell(dataset, setup)]
        in_context = Value(plain[0].name)
    setup = _naive(setup)
    cells = [
        _scuba_cell(dataset, background, scufo, setup)
        for background in BACKGROUNDS
        for scufo in (False, True)
    ]
    out = Value(cells[0].name)  # places365
    columns = [
        Column(title, 'top1', in_context),
        Column(f'{title}-SCUBA', 'top1', out),
        Column(
            f'hm({title},{title}-SCUBA)',
            'hm',
            Harmonic((in_context, out), f'{title} and SCUBA (places365)'),
        ),
    ]
    columns += [
        Column(cell.dataset, metric, Value(cell.name, metric))
        for cell in cells
        for metric in ('top1', 'top5')
    ]
    columns += [
        Column(
            f'{title}-contrasted-{background}',
            'top1',
            Contrast(
                f'{dataset}/scuba/{background}',
                f'{dataset}/scufo/{background}',
            ),
        )
        for background in BACKGROUNDS
    ]
    return _protocol(
        f'{dataset.replace("101", "").replace("51", "")}-scuba',
        f'{title}-SCUBA and SCUFO',
        setup,
        (*plain, *cells),
        columns,
        ('in_vs_out_of_context',),
        (
            'Means over clips: each source video counts alike, classes do '
            'not. SCUFO (one frame repeated): lower is better.',
            'Open-MeDe states Places365; other backgrounds are columns of '
            'their own.',
        ),
    )


def _hat(dataset: str, setup: Setup) -> Protocol:
    setup = _naive(setup)
    title = _PLAIN[dataset][0]
    variants = _HAT_VARIANTS[dataset]
    swaps = {
        variant: [_hat_cell(dataset, variant, seed, setup) for seed in SEEDS]
        for variant in variants
    }
    alone = [
        _hat_cell(dataset, variant, None, setup)
        for variant in ('scene_only', 'human_only')
    ]
    columns = [
        Column(f'{title}-HAT-{variant}', metric, _seeds(cells, metric, setup))
        for variant, cells in swaps.items()
        for metric in ('top1', 'top5', 'background_error')
    ]
    columns += [
        Column(cell.dataset, 'top1', Value(cell.name)) for cell in alone
    ]
    both = _close_and_far([*swaps['close'], *swaps['far']], 'top1')
    columns.append(Column(f'{title}-HAT', 'top1', both))
    return _protocol(
        f'{dataset.replace("101", "")}-hat',
        f'{title}-HAT',
        setup,
        (*(cell for cells in swaps.values() for cell in cells), *alone),
        columns,
        (),
        ('background error: share of videos named after their background.',),
    )


def _naive(setup: Setup) -> Setup:
    """Open-MeDe mixes with CLIP in context only; Open-VCLIP always."""
    return setup.alone() if setup.name == 'open_mede' else setup


def _protocol(
    name: str,
    title: str,
    setup: Setup,
    cells: tuple[Cell, ...],
    columns: Sequence[Column],
    paper_keys: tuple[str, ...],
    notes: tuple[str, ...],
) -> Protocol:
    return Protocol(
        name=name,
        title=title,
        setup=setup,
        cells=cells,
        columns=tuple(columns),
        runs=K400_RUN,
        paper_keys=paper_keys,
        selection=k400_selection(setup),
        notes=notes,
    )


def _plain_cell(dataset: str, setup: Setup) -> Cell:
    title, data, vocabulary, videos = _PLAIN[dataset]
    return Cell(
        name=f'{dataset}/in_context',
        dataset=title,
        videos=videos,
        data=data,
        vocabulary=spelled(vocabulary, setup),
        run='k400',
        setup=setup,
        size=_PLAIN_SIZES[dataset],
    )


def _scuba_cell(
    dataset: str, background: str, scufo: bool, setup: Setup
) -> Cell:
    title, _, vocabulary, _ = _PLAIN[dataset]
    kind = 'scufo' if scufo else 'scuba'
    return Cell(
        name=f'{dataset}/{kind}/{background}',
        dataset=f'{title}-{kind.upper()}-{background}',
        videos=f'SCUBA clips before {background}'
        + (', one frame repeated' if scufo else ''),
        data=f'{dataset}_{kind}_{background}',
        vocabulary=spelled(vocabulary, setup),
        run='k400',
        setup=setup,
        size=_SCUBA_SIZES[dataset],
    )


def _hat_cell(
    dataset: str, variant: str, seed: int | None, setup: Setup
) -> Cell:
    title, _, vocabulary, _ = _PLAIN[dataset]
    end = '' if seed is None else f'/{seed}'
    sizes = _HAT_SIZES.get((dataset, variant))
    return Cell(
        name=f'{dataset}/hat/{variant}{end}',
        dataset=f'{title}-HAT-{variant}',
        videos=f'HAT {variant}' + ('' if seed is None else f', seed {seed}'),
        data=f'{dataset}_hat_{variant}' + end.replace('/', '_'),
        vocabulary=spelled(vocabulary, setup),
        run='k400',
        setup=setup,
        size=sizes[seed - 1] if sizes and seed else None,
    )


def _seeds(cells: Sequence[Cell], metric: str, setup: Setup) -> Mean:
    names = [cell.name for cell in cells]
    return mean_of_cells(names, '3 seeds', metric, setup.ddof)


def _close_and_far(cells: Sequence[Cell], metric: str) -> Mean:
    """Average the seeds of each list, then the two lists."""
    parts = [
        mean_of_cells(
            [c.name for c in cells if f'/{variant}/' in c.name],
            '3 seeds',
            metric,
        )
        for variant in ('close', 'far')
    ]
    return Mean(tuple(parts), 'close and far (means over 3 seeds)')
