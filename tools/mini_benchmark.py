"""Train and test methods on the embedded benchmark and print the table.

    python tools/mini_benchmark.py [--methods clip vclip] [--seeds 0 1 2]
    python tools/mini_benchmark.py --readme README.md

Each method and seed is trained and tested through tools/train.py,
dist_train.sh and test.py, as by hand. Its figures are kept in
{work dir}/{method}/seed{k}/record.json, and what has a record is not run
again: delete the folder to repeat a run, or name other methods to add them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
METHODS = {
    'clip': 'CLIP, frozen',
    'vifi_clip': 'frame-wise fine-tuning (ViFi-CLIP, vision only)',
    'vifi_both': 'ViFi-CLIP, both encoders',
    'vifi_vl_prompt': 'ViFi-CLIP, VL prompting of frozen CLIP',
    'tc_clip': 'TC-CLIP, both encoders',
    'vclip': 'VCLIP, plain fine-tuning',
    'open_mede': 'Open-MeDe',
}
MARK = 'mini-table'

Record = dict[str, Any]
Figure = Callable[[dict[str, float]], float]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Run the mini benchmark.')
    parser.add_argument(
        '--methods', nargs='+', choices=METHODS, default=list(METHODS)
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument(
        '--data-root', default=os.environ.get('MMOVAR_DATA', 'data')
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/mini')
    )
    parser.add_argument(
        '--table-only', action='store_true', help='run nothing'
    )
    parser.add_argument(
        '--readme',
        type=Path,
        metavar='FILE',
        help=f'put the tables between <!-- {MARK}:start --> and '
        f'<!-- {MARK}:end --> of this file',
    )
    return parser.parse_args(argv)


def top1(name: str) -> Figure:
    """Return what reads the top-1 accuracy of a set, in percent."""
    return lambda metrics: 100 * metrics[f'{name}/acc/top1']


def part(name: str, word: str) -> Figure:
    """Return what reads the accuracy of a word of the class name."""
    return lambda metrics: 100 * metrics[f'{name}/acc/{word}']


def harmonic(first: str, second: str) -> Figure:
    """Return what computes the harmonic mean of two top-1 accuracies."""
    return lambda metrics: statistics.harmonic_mean(
        [top1(first)(metrics), top1(second)(metrics)]
    )


ACCURACIES: dict[str, Figure] = {
    'known IC': top1('known_ic'),
    'known OOC': top1('known_ooc'),
    'novel IC': top1('novel_ic'),
    'novel OOC': top1('novel_ooc'),
    'HM known IC, novel IC': harmonic('known_ic', 'novel_ic'),
    'HM novel IC, novel OOC': harmonic('novel_ic', 'novel_ooc'),
}
CONTROLS: dict[str, Figure] = {
    'known IC shuffled': top1('known_ic_shuffled'),
    'novel IC shuffled': top1('novel_ic_shuffled'),
    'novel IC object': part('novel_ic', 'object'),
    'novel IC motion': part('novel_ic', 'motion'),
    'novel OOC object': part('novel_ooc', 'object'),
    'novel OOC motion': part('novel_ooc', 'motion'),
}
PAIRS = (
    ('vifi_clip', 'clip'),
    ('vclip', 'vifi_clip'),
    ('tc_clip', 'vifi_both'),
    ('vclip', 'clip'),
    ('open_mede', 'clip'),
    ('open_mede', 'vclip'),
)


def run(args: argparse.Namespace, method: str, seed: int) -> None:
    """Train and test a method with a seed, unless it has a record."""
    folder = args.work_dir / method / f'seed{seed}'
    record_file = folder / 'record.json'
    if record_file.is_file():
        return
    weights = Path(args.data_root) / 'mini' / 'clip' / f'seed{seed}.pt'
    options = ['--work-dir', folder, '--cfg-options']
    options += [f'data_root={args.data_root}', f'model.weights={weights}']
    config = ROOT / 'configs' / 'mini' / f'{method}.py'
    seconds, checkpoint = {}, []
    if method != 'clip':
        command, more = _train_command(config, method)
        seconds['train_seconds'] = call(
            [*command, '--resume', 'auto', '--seed', seed, *options, *more],
            folder / 'train.log',
        )
        checkpoint = [(folder / 'last_checkpoint').read_text().strip()]
    metrics_file = folder / 'metrics.json'
    seconds['test_seconds'] = call(
        [sys.executable, ROOT / 'tools' / 'test.py', config, *checkpoint]
        + ['--out', metrics_file, *options],
        folder / 'test.log',
    )
    metrics = json.loads(metrics_file.read_text())
    record = dict(method=method, seed=seed, **seconds, metrics=metrics)
    record_file.write_text(json.dumps(record, indent=2) + '\n')


def _train_command(config: Path, method: str) -> tuple[list, list]:
    """Return the command that trains and its last options."""
    import torch

    if method != 'open_mede':
        return [sys.executable, ROOT / 'tools' / 'train.py', config], []
    if torch.cuda.device_count() == 1:  # two tasks on one process
        command = [sys.executable, ROOT / 'tools' / 'train.py', config]
        return command, ['train_dataloader.batch_size=32'] + [
            'train_cfg.num_tasks=2'
        ]
    return ['bash', ROOT / 'tools' / 'dist_train.sh', config, 2], []


def call(command: Sequence[Any], log: Path) -> float:
    """Run a command, log what it says, return the seconds it took."""
    print(' '.join(map(str, command)), flush=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    paths = [str(ROOT), os.environ.get('PYTHONPATH', '')]
    env = dict(
        os.environ,
        PYTHONPATH=os.pathsep.join(filter(None, paths)),
        PYTHON=sys.executable,
    )
    start = time.perf_counter()
    with open(log, 'w') as file:
        code = subprocess.run(
            [str(word) for word in command], stdout=file, stderr=file, env=env
        ).returncode
    if code:
        raise SystemExit(f'failed with exit code {code}, see {log}')
    seconds = time.perf_counter() - start
    print(f'  {seconds:.0f} s', flush=True)
    return seconds


def read_records(
    work_dir: Path, methods: Sequence[str], seeds: Sequence[int]
) -> dict[str, dict[int, Record]]:
    """Read the records that are there, by method and seed."""
    records: dict[str, dict[int, Record]] = {method: {} for method in methods}
    for method in methods:
        for seed in seeds:
            file = work_dir / method / f'seed{seed}' / 'record.json'
            if file.is_file():
                records[method][seed] = json.loads(file.read_text())
    return records


def cell(values: Sequence[float]) -> str:
    """Write mean and standard deviation (n - 1), or one value alone."""
    if len(values) == 1:
        return f'{values[0]:.1f}'
    return f'{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}'


def table(
    records: dict[str, dict[int, Record]],
    seeds: Sequence[int],
    figures: dict[str, Figure],
) -> str:
    """Write a Markdown table; a method without all seeds has no figures."""
    lines = [
        '| method | ' + ' | '.join(figures) + ' |',
        '|---|' + '---|' * len(figures),
    ]
    for method, runs in records.items():
        missing = [str(seed) for seed in seeds if seed not in runs]
        if missing:
            cells = ['missing seed ' + ', '.join(missing)]
            cells += ['missing'] * (len(figures) - 1)
        else:
            cells = [
                cell([figure(runs[seed]['metrics']) for seed in seeds])
                for figure in figures.values()
            ]
        lines.append(f'| {METHODS[method]} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def differences(
    records: dict[str, dict[int, Record]], seeds: Sequence[int]
) -> str:
    """Write the differences between methods, one number a seed."""
    figures = dict(list(ACCURACIES.items())[:4])
    lines = [
        '| difference | ' + ' | '.join(figures) + ' |',
        '|---|' + '---|' * len(figures),
    ]
    for first, second in PAIRS:
        if first not in records or second not in records:
            continue
        a, b = records[first], records[second]
        cells = ['missing'] * len(figures)
        if all(seed in a and seed in b for seed in seeds):
            cells = [
                ' '.join(
                    f'{f(a[seed]["metrics"]) - f(b[seed]["metrics"]):+.1f}'
                    for seed in seeds
                )
                for f in figures.values()
            ]
        lines.append(f'| {first} - {second} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def report(records: dict[str, dict[int, Record]], seeds: Sequence[int]) -> str:
    """Write the tables and what they say."""
    spread = (
        f'Mean ± standard deviation (n - 1) over seeds {list(seeds)}, which'
        if len(seeds) > 1
        else f'Seed {seeds[0]}, which'
    )
    return '\n\n'.join(
        [
            f'Top-1 accuracy in percent, 24 classes, chance 4.2. {spread} '
            'set pre-training and fine-tuning; the videos are the same. IC: '
            'in context, OOC: out of context, HM: harmonic mean.',
            table(records, seeds, ACCURACIES),
            'Controls: the same with shuffled frames (a model that sees '
            'frames as a set has an expectation of at most 50, ordered or '
            'shuffled), and whether the object or the motion alone is right '
            '(chance 50 and 8.3 on novel classes).',
            table(records, seeds, CONTROLS),
            f'Differences in percent points, for seeds {list(seeds)}:',
            differences(records, seeds),
        ]
    )


def write_block(file: Path, text: str, mark: str) -> None:
    """Put a text between the two marks of a file.

    Raises:
        ValueError: If the marks are not there, each once and in order.
    """
    first, last = f'<!-- {mark}:start -->', f'<!-- {mark}:end -->'
    content = file.read_text(encoding='utf-8')
    head, start, rest = content.partition(first)
    _, end, tail = rest.partition(last)
    if not start or not end:
        raise ValueError(f'{file} must contain {first} and, below, {last}')
    file.write_text(f'{head}{first}\n{text}\n{last}{tail}', encoding='utf-8')


def main(argv: list[str] | None = None) -> None:
    """Run what the command line asks for and print the tables."""
    args = parse_args(argv)
    if not args.table_only:
        prepare = ROOT / 'tools' / 'data' / 'prepare_mini.py'
        call(
            [sys.executable, prepare, '--data-root', args.data_root]
            + ['--seeds', *args.seeds],
            args.work_dir / 'prepare.log',
        )
        for seed in args.seeds:
            for method in args.methods:
                run(args, method, seed)
    text = report(
        read_records(args.work_dir, args.methods, args.seeds), args.seeds
    )
    print(text)
    if args.readme is not None:
        write_block(args.readme, text, MARK)


if __name__ == '__main__':
    main()
