"""Train and test every run of a protocol.

    python tools/benchmark.py --list
    python tools/benchmark.py ep3 --method tc_clip --gpus 8
    python tools/benchmark.py b2n --method vifi_clip --slurm PARTITION
    python tools/benchmark.py ep3 --method clip vclip --zero-shot
    python tools/benchmark.py mini --method clip vclip ablations/iwr \
        --seeds 0 1 --jobs 2 --ensemble none weights logits

A run is trained with configs/{method}/{run}.py, for mini with
configs/mini/{method}.py, or with the one config that a method names, such as
open_mede/ablations/rfd, and tested on its cells; clip is never trained. What
is trained is not trained again, and a cell that has a record is not tested
again: after a crash or a kill, give the same command. Records, checkpoints and
logs lie in {work dir}/{method}/; tools/report.py makes tables of them. Where
--ensemble mixes CLIP into what is trained, records are of {method}+weights.
--amp trains in half precision, and tests in it where the authors of the setup
do.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event, Semaphore

import commands
from method_runs import CLIP_SHARE, Bench, Job
from mmengine.config import Config

from mmovar.apis.precision import add_amp_options
from mmovar.benchmark import PROTOCOLS, SETUPS, build_protocol
from mmovar.benchmark.setups import ENSEMBLES
from mmovar.command_line import ArgumentParser, run
from mmovar.one_process import one_process


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description='Run a protocol.')
    parser.add_argument('protocol', nargs='?', choices=PROTOCOLS)
    parser.add_argument('--list', action='store_true', help='name all cells')
    parser.add_argument(
        '--method',
        nargs='+',
        metavar='NAME',
        help='folders or files of configs/; mini: files of configs/mini/',
    )
    parser.add_argument(
        '--name', help='of the row and its folder; default: the method'
    )
    parser.add_argument(
        '--setup', choices=SETUPS, help='default: that of the method'
    )
    parser.add_argument(
        '--cells', nargs='+', default=['*'], metavar='GLOB', help='only these'
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', help='seeds of mini; default: all'
    )
    parser.add_argument(
        '--ensemble',
        nargs='+',
        default=[None],
        choices=ENSEMBLES,
        help=f'what is mixed with {CLIP_SHARE} of CLIP; default: as declared',
    )
    parser.add_argument('--gpus', type=int, default=1, help='processes')
    parser.add_argument('--jobs', type=int, default=1, help='runs at a time')
    parser.add_argument('--slurm', metavar='PARTITION')
    parser.add_argument(
        '--selection',
        choices=('last', 'best', 'legacy'),
        help='which checkpoint; default: as declared',
    )
    parser.add_argument(
        '--checkpoint',
        nargs='+',
        default=[],
        metavar='RUN=FILE',
        help='do not train these runs',
    )
    parser.add_argument(
        '--zero-shot', action='store_true', help='train nothing, test CLIP'
    )
    parser.add_argument(
        '--data-root', default=os.environ.get('MMOVAR_DATA', 'data')
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/benchmark')
    )
    parser.add_argument(
        '--configs',
        type=Path,
        default=commands.ROOT / 'configs',
        metavar='FOLDER',
    )
    parser.add_argument(
        '--cfg-options', nargs='+', default=[], metavar='KEY=VALUE'
    )
    add_amp_options(parser)
    parser.add_argument(
        '--dry-run', action='store_true', help='print what would run'
    )
    args = parser.parse_args(argv)
    if not args.list and not (args.protocol and args.method):
        parser.error('give a protocol and --method, or --list')
    if any('=' not in given for given in args.checkpoint):
        parser.error('--checkpoint takes RUN=FILE')
    if args.checkpoint and len(args.method) > 1:
        parser.error('--checkpoint is for one --method')
    if args.name and len(args.method or ()) > 1:
        parser.error('--name is for one --method')
    if args.ensemble != [None] and (
        args.zero_shot or args.method and {*args.method} == {'clip'}
    ):
        parser.error('--ensemble is for what is trained, clip is not')
    return args


def list_cells() -> None:
    """Print the protocols and their cells."""
    for name in PROTOCOLS:
        protocol = build_protocol(name, 'open_mede')
        print(f'{name}: {protocol.title}')
        for cell in protocol.cells:
            size = '' if cell.size is None else f', {cell.size} videos'
            print(f'  {cell.name}: {cell.videos}{size}')


def check_configs(work: Sequence[tuple[Bench, list[Job]]]) -> None:
    """Refuse configs that are not there, or that mix CLIP in themselves.

    Raises:
        SystemExit: If there are such.
    """
    configs = {bench.config(jobs[0]): jobs[0] for bench, jobs in work}
    absent = sorted(str(path) for path in configs if not path.is_file())
    if absent:
        raise SystemExit(
            f'there is no config {absent}; --zero-shot tests CLIP itself'
        )
    for path, job in configs.items():
        if job.mixed is None:
            continue
        config = Config.fromfile(path, import_custom_modules=False)
        types = [hook['type'] for hook in config.get('custom_hooks', [])]
        if 'WeightPatchHook' in types:
            raise SystemExit(f'{path} mixes CLIP in by itself; no --ensemble')


def carry_out(
    work: Sequence[tuple[Bench, list[Job]]], args: argparse.Namespace
) -> None:
    """Train and test, some runs at a time; after a failure begin no more.

    The tests of a run take whatever is free.
    """
    numbers, start, failed = count(1), time.perf_counter(), Event()
    free = Semaphore(args.jobs)

    def attempt(step: Callable[[Job], None], job: Job) -> None:
        with free:
            if failed.is_set():
                return
            try:
                step(job)
            except BaseException:
                failed.set()
                raise

    def run(bench: Bench, jobs: list[Job]) -> None:
        if failed.is_set():
            return
        print(
            f'[{next(numbers)}/{len(work)}] {bench.method}, {jobs[0].name} '
            f'({bench.config(jobs[0])}), {sum(len(j.cells) for j in jobs)} '
            f'cells, {time.perf_counter() - start:.0f} s so far',
            flush=True,
        )
        if args.dry_run:
            return
        folder = bench.run_folder(jobs[0].name)
        try:
            with (
                one_process(folder, 'benchmark'),
                ThreadPoolExecutor(len(jobs)) as tests,
            ):
                bench.check_stamp(jobs[0].name)
                attempt(bench.train, jobs[0])
                list(tests.map(partial(attempt, bench.test), jobs))
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(run, *zip(*work, strict=True)))


def main(argv: Sequence[str] | None = None) -> None:
    """Run what is left of a protocol."""
    args = parse_args(argv)
    if args.list:
        list_cells()
        return
    os.environ['MMOVAR_DATA'] = args.data_root  # of all that is started
    commands.share_cores(args.jobs, args.gpus)
    benches = [Bench(args, method) for method in dict.fromkeys(args.method)]
    work = [(bench, jobs) for bench in benches for jobs in bench.plan()]
    left = sum(len(job.cells) for _, jobs in work for job in jobs)
    cells = benches[0].protocol.match(args.cells)
    total = sum(len(bench.ensembles) for bench in benches) * len(cells)
    print(f'{args.protocol}: {total - left} of {total} cells have a record')
    check_configs(work)
    if work and args.protocol == 'mini' and not args.dry_run:
        from mmovar.mini.prepare import prepare_mini

        seeds = sorted({jobs[0].run.seed for _, jobs in work})
        prepare_mini(args.data_root, seeds)
    carry_out(work, args)
    print(f'records: {", ".join(str(bench.folder) for bench in benches)}')


if __name__ == '__main__':
    run(main)
