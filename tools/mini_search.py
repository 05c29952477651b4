"""Search the recipes of `mini`, each method with as many trials.

    python tools/mini_search.py --jobs 2                  # all methods
    python tools/mini_search.py --method vclip open_mede --trials 2
    python tools/mini_search.py --write                   # into the configs

A trial is a recipe written down below, trained and tested by
tools/benchmark.py on a development seed (--seeds 100 101: on both), whose
videos and CLIP no table uses. What counts is the harmonic mean of known and
novel classes in context; nothing is tried out of context.

What is done is not done again: after a kill, give the same command. In the
work folder, search.jsonl and search.md have every trial, the best and the
worst; --write puts the best of each method into configs/_base_/recipes, and
all of them into configs/mini/search.md.
"""

import argparse
import json
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, harmonic_mean
from typing import Any

import commands

from mmovar.atomic_write import replacing, write_text
from mmovar.benchmark import read_records
from mmovar.benchmark.protocols.mini import DEVELOPMENT_SEEDS
from mmovar.command_line import ArgumentParser, run

_TOWER = dict(lr=[5e-4, 3e-4, 1e-3, 7e-4], epochs=[14, 10, 14, 14])
_ADDED = dict(lr=[1e-2, 3e-3, 1e-3, 3e-2], epochs=[14, 10, 14, 14])
TRIALS: dict[str, dict[str, list[Any]]] = {
    'vclip': _TOWER,
    'open_vclip': _TOWER,
    'open_mede': dict(
        _TOWER,
        delta=[0.05, 1.0, 0.3, 1.0],
        inner_lr=[None, None, 0.05, None],  # AdamW, outer rate, or SGD
        mu=[0.6, 0.8, 0.6, 0.8],
        sigma=[0.25, 0.2, 0.25, 0.2],
    ),
    'vifi_clip': _TOWER,
    'vifi_both': _TOWER,
    'vifi_vl_prompt': _ADDED,
    'tc_clip': _TOWER,
    'st_adapter': _ADDED,
    'xclip': _TOWER,
    'vita_clip': _ADDED,
}
"""Recipe in ``configs/_base_/recipes`` to its trials, setting by setting."""

MOST = 4
"""Trials of a method."""

CONFIGS = {
    'open_vclip': 'ablations/open_vclip',
    'st_adapter': 'learners/st_adapter_plain',
    'xclip': 'learners/xclip_plain',
    'vita_clip': 'learners/vita_clip_plain',
}
"""Recipe to the config that is trained, where the names differ."""

SETS = 'known_ic', 'novel_ic'
_CHOSEN = '# Chosen by tools/mini_search.py.'

PAGE = """# Trials of the search for recipes

Written by `python tools/mini_search.py --write`: every trial, the best of a
method first, the worst last. The score is the harmonic mean of known and novel
classes in context, top-1 accuracy in percent on development videos.
"""


@dataclass(frozen=True)
class Trial:
    """One recipe of a method."""

    method: str
    settings: dict[str, Any]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description='Search the recipes of mini.')
    parser.add_argument(
        '--method', nargs='+', choices=TRIALS, default=[*TRIALS]
    )
    parser.add_argument(
        '--trials',
        type=int,
        default=MOST,
        choices=range(1, MOST + 1),
        metavar='N',
        help=f'of each method, 1 to {MOST}',
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[DEVELOPMENT_SEEDS[0]]
    )
    parser.add_argument('--jobs', type=int, default=1, help='trials at a time')
    parser.add_argument(
        '--data-root', default=os.environ.get('MMOVAR_DATA', 'data')
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/mini_search')
    )
    parser.add_argument(
        '--write', action='store_true', help='the best into the configs'
    )
    args = parser.parse_args(argv)
    if set(args.seeds) - set(DEVELOPMENT_SEEDS):
        parser.error(f'--seeds are of {DEVELOPMENT_SEEDS}, got {args.seeds}')
    return args


def lay_out_trials(method: str, count: int) -> list[Trial]:
    """Lay out the first trials of a method."""
    settings = TRIALS[method]
    points = [*zip(*settings.values(), strict=True)][:count]
    return [Trial(method, dict(zip(settings, p, strict=True))) for p in points]


def recipe_text(base: str, settings: dict[str, Any]) -> str:
    """Lay out a recipe as the config between a base and a method."""
    epochs = settings['epochs']
    return f"""{_CHOSEN}
{base}

train_cfg = dict(max_epochs={epochs})
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end={epochs}),
]
optim_wrapper = dict(optimizer=dict(lr={settings['lr']}))
"""


def meta_text(settings: dict[str, Any]) -> str:
    """Lay out Open-MeDe's step and average for all learners."""
    inner_lr = settings['inner_lr']
    return f"""{_CHOSEN}
meta_step = dict(
    type='CrossBatchMetaOptimWrapper',
    delta={settings['delta']},
    inner_step='{'adamw' if inner_lr is None else 'sgd'}',
    inner_lr={inner_lr},
)
gwa = dict(type='GWAHook', mu={settings['mu']}, sigma={settings['sigma']})
"""


def recipe_file(configs: Path, method: str) -> Path:
    """Return where a folder of configs has the recipe of a method."""
    return configs / '_base_' / 'recipes' / f'{method}.py'


def write_recipe(configs: Path, trial: Trial) -> None:
    """Put a recipe in the place of the one of its method."""
    file = recipe_file(configs, trial.method)
    lines = file.read_text(encoding='utf-8').splitlines()
    base = next(line for line in lines if line.startswith('_base_'))
    write_text(file, recipe_text(base, trial.settings))
    if 'delta' in trial.settings:
        write_text(file.with_name('meta.py'), meta_text(trial.settings))


def carry_out(trial: Trial, args: argparse.Namespace) -> dict[str, Any]:
    """Train and test a trial on all seeds; return it with its numbers."""
    words = [f'{key}={value}' for key, value in trial.settings.items()]
    folder = args.work_dir / trial.method / '-'.join(words)
    configs = folder / 'configs'
    if not configs.is_dir():
        with replacing(configs) as part:
            shutil.copytree(commands.ROOT / 'configs', part)
            write_recipe(part, trial)
    name = CONFIGS.get(trial.method, trial.method)
    commands.start(
        'benchmark.py',
        ['mini', '--method', name, '--cells', 'mini/*_ic/*']
        + ['--seeds', *args.seeds, '--configs', configs]
        + ['--data-root', args.data_root, '--work-dir', folder],
        folder / 'benchmark.log',
    )
    cells = {
        record.cell.removeprefix('mini/'): record.percent('top1')
        for record in read_records([folder / name / 'records'])
    }
    score = _score(cells, args.seeds)
    return dict(asdict(trial), score=score, cells=cells)


def _score(cells: dict[str, float], seeds: list[int]) -> float:
    """Return the mean over seeds of the harmonic mean in context."""
    return fmean(
        harmonic_mean([cells[f'{name}/{seed}'] for name in SETS])
        for seed in seeds
    )


def table(results: Iterable[dict[str, Any]]) -> str:
    """Lay out all trials, the best of a method first."""
    lines = [
        f'| method | settings | score | {" | ".join(SETS)} |',
        '|---|---|---|---|---|',
    ]
    for result in results:
        given = [f'{k} {v}' for k, v in result['settings'].items()]
        cells = result['cells'].items()
        means = [
            fmean(
                value for cell, value in cells if cell.startswith(f'{name}/')
            )
            for name in SETS
        ]
        lines.append(
            f'| {result["method"]} | {", ".join(given)} '
            f'| {result["score"]:.1f} | '
            + ' | '.join(f'{mean:.1f}' for mean in means)
            + ' |'
        )
    return '\n'.join(lines) + '\n'


def main(argv: list[str] | None = None) -> None:
    """Search, log, and write what won."""
    args = parse_args(argv)
    commands.share_cores(args.jobs)
    trials = [
        trial for m in args.method for trial in lay_out_trials(m, args.trials)
    ]
    with ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda t: carry_out(t, args), trials))
    results.sort(key=lambda r: (args.method.index(r['method']), -r['score']))
    lines = ''.join(json.dumps(result) + '\n' for result in results)
    write_text(args.work_dir / 'search.jsonl', lines)
    write_text(args.work_dir / 'search.md', table(results))
    print(table(results), end='')
    if args.write:
        page = f'{PAGE}\nSeeds {args.seeds}.\n\n{table(results)}'
        write_text(commands.ROOT / 'configs/mini/search.md', page)
    for method in args.method if args.write else ():
        best = next(r for r in results if r['method'] == method)
        trial = Trial(method, best['settings'])
        write_recipe(commands.ROOT / 'configs', trial)


if __name__ == '__main__':
    run(main)
