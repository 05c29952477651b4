"""Rows of a table on the mini benchmark: trained, tested, kept, printed.

What mini_ablations.py and mini_learners.py share. Each row is trained once
per seed and tested. Figures are kept in {work dir}/{row}/seed{k}/record.json;
what has a record is not run again.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from mini_benchmark import ACCURACIES, ROOT, call, cell, write_block

ENSEMBLES = {'naive': 'none', 'weight': 'weights', 'prediction': 'logits'}
"""Ways to test a row to what of CLIP is mixed in, by half."""


@dataclass(frozen=True)
class Row:
    """A training run of the table.

    Args:
        cells: First cells of its lines.
        config: Below ``configs/mini``, without ``.py``.
        options: ``--cfg-options`` of its training and tests.
    """

    cells: tuple[str, ...]
    config: str
    options: tuple[str, ...] = ()


def add_options(parser: argparse.ArgumentParser, work_dir: str) -> None:
    """Add what is the same for all tables."""
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--jobs', type=int, default=1, help='runs at a time')
    parser.add_argument(
        '--data-root', default=os.environ.get('MMOVAR_DATA', 'data')
    )
    parser.add_argument('--work-dir', type=Path, default=Path(work_dir))
    parser.add_argument(
        '--table-only', action='store_true', help='run nothing'
    )
    parser.add_argument('--readme', type=Path, metavar='FILE')


def run_rows(
    args: argparse.Namespace,
    rows: Mapping[str, Row],
    ensembles: Sequence[str],
) -> None:
    """Prepare the data, then run all rows with all seeds."""
    if args.table_only:
        return
    call(
        [sys.executable, ROOT / 'tools' / 'data' / 'prepare_mini.py']
        + ['--data-root', args.data_root, '--seeds', *args.seeds],
        args.work_dir / 'prepare.log',
    )
    with ThreadPoolExecutor(args.jobs) as pool:
        runs = [
            pool.submit(_run, args, name, rows[name], seed, ensembles)
            for seed, name in product(args.seeds, rows)
        ]
        for done in runs:
            done.result()


def _run(
    args: argparse.Namespace,
    name: str,
    row: Row,
    seed: int,
    ensembles: Sequence[str],
) -> None:
    """Train a row with a seed and test it in each of the ways."""
    folder = args.work_dir / name / f'seed{seed}'
    if (folder / 'record.json').is_file():
        return
    python, tools = sys.executable, ROOT / 'tools'
    config = ROOT / 'configs' / 'mini' / f'{row.config}.py'
    weights = Path(args.data_root) / 'mini' / 'clip' / f'seed{seed}.pt'
    options = ['--cfg-options', f'data_root={args.data_root}']
    options += [f'model.weights={weights}', *row.options]
    seconds = call(
        [python, tools / 'train.py', config, '--resume', 'auto']
        + ['--seed', seed, '--work-dir', folder, *options],
        folder / 'train.log',
    )
    trained = (folder / 'last_checkpoint').read_text().strip()
    record: dict[str, Any] = dict(row=name, seed=seed, train_seconds=seconds)
    for kind in ensembles:
        checkpoint, more = trained, []
        if kind == 'weight':
            checkpoint = folder / 'patched.pth'
            call(
                [python, tools / 'patch_weights.py', config, trained]
                + ['--alpha', 0.5, '--out', checkpoint, *options],
                folder / 'patch.log',
            )
        elif kind == 'prediction':
            more = ['model.type=CLIPEnsemble', 'model.ratio=0.5']
        out = folder / f'{kind}.json'
        call(
            [python, tools / 'test.py', config, checkpoint, '--out', out]
            + ['--work-dir', folder, *options, *more],
            folder / f'{kind}.log',
        )
        record[kind] = json.loads(out.read_text())
    text = json.dumps(record, indent=2)
    (folder / 'record.json').write_text(text + '\n')


def table(
    args: argparse.Namespace,
    head: Sequence[str],
    rows: Mapping[str, Row],
    ensembles: Sequence[str],
) -> str:
    """Write a Markdown table; a row without all seeds has no figures.

    Args:
        args: With ``work_dir`` and ``seeds``.
        head: Heads of the first columns: those of the rows' cells and, if
            there are several ensembles, one more.
        rows: Name to row.
        ensembles: The ways in which rows were tested, a line each.
    """
    width = len(head) + len(ACCURACIES)
    lines = [_line(head, ACCURACIES), '|' + '---|' * width]
    for (name, row), kind in product(rows.items(), ensembles):
        folder = args.work_dir / name
        files = [folder / f'seed{s}' / 'record.json' for s in args.seeds]
        if all(file.is_file() for file in files):
            runs = [json.loads(file.read_text())[kind] for file in files]
            cells = [
                cell([figure(run) for run in runs])
                for figure in ACCURACIES.values()
            ]
        else:
            cells = ['missing'] * len(ACCURACIES)
        more = [ENSEMBLES[kind]] if len(ensembles) > 1 else []
        lines.append(_line([*row.cells, *more], cells))
    return '\n'.join(lines)


def _line(*cells: Sequence[str]) -> str:
    return '| ' + ' | '.join(text for part in cells for text in part) + ' |'


def describe_seeds(seeds: Sequence[int]) -> str:
    """Say what the figures are over."""
    if len(seeds) > 1:
        return f'mean ± standard deviation (n - 1) over seeds {list(seeds)}'
    return f'seed {seeds[0]}'


def publish(text: str, readme: Path | None, mark: str) -> None:
    """Print a text, and put it between the marks of a file if there is one."""
    print(text)
    if readme is not None:
        write_block(readme, text, mark)
