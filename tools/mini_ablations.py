"""Run the optimisation rows of Open-MeDe's tables on the mini benchmark.

    python tools/mini_ablations.py [--rows plain meta_gwa] [--seeds 0 1 2]
    python tools/mini_ablations.py --jobs 2 --readme README.md

Each row is trained once per seed and tested as it is, with half of CLIP's
weights and with half of CLIP's logits. Figures are kept in
{work dir}/{row}/seed{k}/record.json; what has a record is not run again.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from mini_benchmark import ACCURACIES, ROOT, call, cell, write_block

ROWS = {
    'plain': 'plain',
    'accumulation': 'gradient accumulation',
    'l2': 'l2 to CLIP',
    'rfd': 'feature distillation',
    'iwr': 'IWR',
    'iwr_swa': 'IWR + SWA',
    'meta_unseen': 'Meta-Unseen',
    'meta': 'cross-batch meta',
    'gwa': 'GWA',
    'meta_gwa': 'cross-batch meta + GWA',
}
ENSEMBLES = {'naive': 'none', 'weight': 'weights', 'prediction': 'logits'}
MARK = 'mini-ablations'

Record = dict[str, Any]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Run the mini ablations.')
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=list(ROWS))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--jobs', type=int, default=1, help='runs at a time')
    parser.add_argument(
        '--data-root', default=os.environ.get('MMOVAR_DATA', 'data')
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/mini_ablations')
    )
    parser.add_argument(
        '--table-only', action='store_true', help='run nothing'
    )
    parser.add_argument('--readme', type=Path, metavar='FILE')
    return parser.parse_args(argv)


def run(args: argparse.Namespace, row: str, seed: int) -> None:
    """Train a row with a seed and test it three times."""
    folder = args.work_dir / row / f'seed{seed}'
    if (folder / 'record.json').is_file():
        return
    python, tools = sys.executable, ROOT / 'tools'
    name = 'vclip' if row == 'plain' else f'ablations/{row}'
    config = ROOT / 'configs' / 'mini' / f'{name}.py'
    weights = Path(args.data_root) / 'mini' / 'clip' / f'seed{seed}.pt'
    options = ['--cfg-options', f'data_root={args.data_root}']
    options += [f'model.weights={weights}']
    seconds = call(
        [python, tools / 'train.py', config, '--resume', 'auto']
        + ['--seed', seed, '--work-dir', folder, *options],
        folder / 'train.log',
    )
    trained = (folder / 'last_checkpoint').read_text().strip()
    patched = folder / 'patched.pth'
    call(
        [python, tools / 'patch_weights.py', config, trained]
        + ['--alpha', 0.5, '--out', patched, *options],
        folder / 'patch.log',
    )
    record: Record = dict(row=row, seed=seed, train_seconds=seconds)
    ensemble = ['model.type=CLIPEnsemble', 'model.ratio=0.5']
    for kind, checkpoint, more in (
        ('naive', trained, []),
        ('weight', patched, []),
        ('prediction', trained, ensemble),
    ):
        out = folder / f'{kind}.json'
        call(
            [python, tools / 'test.py', config, checkpoint, '--out', out]
            + ['--work-dir', folder, *options, *more],
            folder / f'{kind}.log',
        )
        record[kind] = json.loads(out.read_text())
    text = json.dumps(record, indent=2)
    (folder / 'record.json').write_text(text + '\n')


def table(work_dir: Path, rows: Sequence[str], seeds: Sequence[int]) -> str:
    """Write a Markdown table; a row without all seeds has no figures."""
    lines = [
        '| step and average | CLIP mixed in | '
        + ' | '.join(ACCURACIES)
        + ' |',
        '|---|---|' + '---|' * len(ACCURACIES),
    ]
    for row, (kind, title) in product(rows, ENSEMBLES.items()):
        files = [work_dir / row / f'seed{s}' / 'record.json' for s in seeds]
        if all(file.is_file() for file in files):
            runs = [json.loads(file.read_text())[kind] for file in files]
            cells = [
                cell([figure(run) for run in runs])
                for figure in ACCURACIES.values()
            ]
        else:
            cells = ['missing'] * len(ACCURACIES)
        lines.append(f'| {ROWS[row]} | {title} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def main(argv: list[str] | None = None) -> None:
    """Run what the command line asks for and print the table."""
    args = parse_args(argv)
    if not args.table_only:
        call(
            [sys.executable, ROOT / 'tools' / 'data' / 'prepare_mini.py']
            + ['--data-root', args.data_root, '--seeds', *args.seeds],
            args.work_dir / 'prepare.log',
        )
        with ThreadPoolExecutor(args.jobs) as pool:
            runs = [
                pool.submit(run, args, row, seed)
                for seed, row in product(args.seeds, args.rows)
            ]
            for done in runs:
                done.result()
    spread = (
        f'mean ± standard deviation (n - 1) over seeds {args.seeds}'
        if len(args.seeds) > 1
        else f'seed {args.seeds[0]}'
    )
    text = (
        f'Top-1 accuracy in percent, {spread}. '
        '"CLIP mixed in": at test, half of its weights '
        'or half of its logits. IWR + SWA with half of the weights is '
        'Open-VCLIP.\n\n' + table(args.work_dir, args.rows, args.seeds)
    )
    print(text)
    if args.readme is not None:
        write_block(args.readme, text, MARK)


if __name__ == '__main__':
    main()
