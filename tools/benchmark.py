"""Train and test every run of a protocol.

    python tools/benchmark.py --list
    python tools/benchmark.py ep3 --method tc_clip --gpus 8
    python tools/benchmark.py b2n --method vifi_clip --slurm PARTITION
    python tools/benchmark.py ep3 --method clip --zero-shot

A run is trained with configs/{method}/{run}.py and tested on its cells. What
is trained is not trained again, and a cell that has a record is not tested
again: after a crash or a kill, give the same command. Records, checkpoints and
logs lie in {work dir}/{method}/; tools/report.py makes tables of them.
"""

import argparse
import contextlib
import json
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mini_benchmark import ROOT, call

from mmovar.evaluation import (
    PROTOCOLS,
    SETUPS,
    Protocol,
    Record,
    Run,
    Selection,
    Setup,
    build_protocol,
    read_records,
    record_path,
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Run a protocol.')
    parser.add_argument('protocol', nargs='?', choices=PROTOCOLS)
    parser.add_argument('--list', action='store_true', help='name all cells')
    parser.add_argument('--method', help='folder of configs/')
    parser.add_argument(
        '--setup', choices=SETUPS, help='default: that of the method'
    )
    parser.add_argument(
        '--cells', nargs='+', default=['*'], metavar='GLOB', help='only these'
    )
    parser.add_argument('--gpus', type=int, default=1, help='processes')
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
        '--configs', type=Path, default=ROOT / 'configs', metavar='FOLDER'
    )
    parser.add_argument(
        '--cfg-options', nargs='+', default=[], metavar='KEY=VALUE'
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='say what would run'
    )
    args = parser.parse_args(argv)
    if not args.list and not (args.protocol and args.method):
        parser.error('give a protocol and --method, or --list')
    if any('=' not in given for given in args.checkpoint):
        parser.error('--checkpoint takes RUN=FILE')
    return args


@dataclass(frozen=True)
class Job:
    """A run of a protocol, and its cells without a record."""

    name: str
    run: Run
    setup: Setup
    cells: tuple[str, ...]


def plan(args: argparse.Namespace, protocol: Protocol) -> list[Job]:
    """List what is left to do, cells of one run and ensemble together."""
    folder = args.work_dir / args.method / 'records'
    groups: dict[tuple[str, Setup], list[str]] = {}
    for cell in protocol.match(args.cells):
        if not record_path(folder, cell.name).is_file():
            groups.setdefault((cell.run, cell.setup), []).append(cell.name)
    return [
        Job(name, protocol.runs[name], setup, tuple(cells))
        for (name, setup), cells in groups.items()
    ]


class Bench:
    """Carries jobs out.

    Args:
        args: The command line.
        protocol: The protocol.
    """

    def __init__(self, args: argparse.Namespace, protocol: Protocol) -> None:
        self.args, self.protocol = args, protocol
        self.folder = args.work_dir / args.method
        self.given = dict(c.split('=', 1) for c in args.checkpoint)
        self.selection = protocol.selection
        if args.selection and args.selection != self.selection.rule:
            cell = 'the validation list' if args.selection == 'best' else None
            self.selection = Selection(args.selection, cell)

    def train(self, job: Job) -> None:
        """Train a run, or go on where it was interrupted."""
        folder = self.folder / 'runs' / job.name
        if job.name in self.given or self.args.zero_shot:
            return
        if (folder / 'trained.json').is_file():
            return
        options = [*self.options(job), *self._kept_checkpoints()]
        more = ['--seed', job.run.seed] if job.run.seed is not None else []
        seconds = call(
            self.command('train.py', job.name)
            + [self.config(job), '--resume', 'auto', '--work-dir', folder]
            + [*more, '--cfg-options', *options]
            + self.launcher(),
            folder / 'train.log',
        )
        _write(folder / 'trained.json', dict(seconds=seconds))

    def _kept_checkpoints(self) -> list[str]:
        if self.selection.rule == 'best':
            return ['default_hooks.checkpoint.save_best=acc/top1']
        if self.selection.rule == 'legacy':
            return ['default_hooks.checkpoint.max_keep_ckpts=-1']
        return []

    def test(self, job: Job) -> None:
        """Test a run on its cells."""
        records = self.folder / 'records'
        if self.args.zero_shot:
            self._test(job, None, 'CLIP, not tuned', records)
        elif job.name in self.given:
            file = self.given[job.name]
            self._test(job, file, f'given: {Path(file).name}', records)
        elif self.selection.rule == 'legacy':
            self._test_all(job)
        else:
            file = self.checkpoint(job)
            self._test(job, file, str(self.selection), records)

    def checkpoint(self, job: Job) -> Path:
        """Return the checkpoint that the selection names.

        Raises:
            FileNotFoundError: If the training has left none.
        """
        folder = self.folder / 'runs' / job.name
        if self.selection.rule == 'last':
            return Path((folder / 'last_checkpoint').read_text().strip())
        best = sorted(folder.glob('best_*.pth'), key=os.path.getmtime)
        if not best:
            raise FileNotFoundError(
                f'{folder} has no best_*.pth: config of run {job.name} does '
                'not validate; --selection last takes the last checkpoint'
            )
        return best[-1]

    def _test_all(self, job: Job) -> None:
        """Test each checkpoint; for each cell the best of them counts."""
        folder = self.folder / 'runs' / job.name
        files = sorted(folder.glob('epoch_*.pth'), key=os.path.getmtime)
        for file in files:
            records = folder / 'legacy' / file.stem
            left = [
                c for c in job.cells if not record_path(records, c).is_file()
            ]
            if left:
                part = Job(job.name, job.run, job.setup, tuple(left))
                self._test(part, file, str(self.selection), records)
        for cell in job.cells:
            found = [
                record_path(folder / 'legacy' / file.stem, cell)
                for file in files
            ]
            best = max(read_records(found), key=_score)
            predictions = best.load_predictions()
            predictions.save(self.folder / 'records' / best.predictions)
            best.write(self.folder / 'records')

    def _test(
        self, job: Job, checkpoint: Any, selection: str, records: Path
    ) -> None:
        options = [*self.options(job), *_ensemble(job.setup)]
        log = self.folder / 'runs' / job.name / f'test_{time.time_ns()}.log'
        call(
            self.command('test.py', job.name)
            + [self.config(job), *([checkpoint] if checkpoint else [])]
            + ['--cells', *job.cells, '--setup', self.setup]
            + ['--method', self.args.method, '--selection', selection]
            + ['--records', records, '--work-dir', log.parent]
            + ['--cfg-options', *options]
            + self.launcher(),
            log,
        )

    @property
    def setup(self) -> str:
        """Setup that the cells are declared for."""
        return self.args.setup or default_setup(self.args.method)

    def config(self, job: Job) -> Path:
        """Return the config of a run; without training, any that tests."""
        path = self.args.configs / job.run.config_file(self.args.method)
        if self.args.zero_shot and not path.is_file():
            return self.args.configs / self.args.method / 'k400_zs.py'
        return path

    def options(self, job: Job) -> list[str]:
        """Return the settings of a run, as ``--cfg-options`` has them."""
        root = self.args.data_root
        own = [
            f'{key}={str(value).format(data_root=root)}'
            for key, value in job.run.options.items()
        ]
        return [f'data_root={root}', *own, *self.args.cfg_options]

    def command(self, script: str, name: str) -> list[Any]:
        """Begin a command line: one process, torchrun or srun."""
        tool, gpus = ROOT / 'tools' / script, self.args.gpus
        if self.args.slurm:
            per_node = min(gpus, int(os.environ.get('GPUS_PER_NODE', 8)))
            os.environ['MASTER_PORT'] = str(random.randint(12000, 32000))
            return [
                *('srun', '-p', self.args.slurm, '-J', name),
                *(f'--gres=gpu:{per_node}', f'--ntasks={gpus}'),
                f'--ntasks-per-node={per_node}',
                f'--cpus-per-task={os.environ.get("CPUS_PER_TASK", 5)}',
                *('--kill-on-bad-exit=1', sys.executable, '-u', tool),
            ]
        if gpus == 1:
            return [sys.executable, tool]
        return ['bash', ROOT / 'tools' / 'dist_run.sh', script, gpus]

    def launcher(self) -> list[str]:
        """End a command line; dist_run.sh names its launcher itself."""
        return ['--launcher', 'slurm'] if self.args.slurm else []


def default_setup(method: str) -> str:
    """Return the setup of a method: its own, else Open-MeDe's."""
    return method if method in SETUPS else 'open_mede'


def _ensemble(setup: Setup) -> list[str]:
    """Return the settings that turn a model into a prediction ensemble."""
    if setup.ensemble != 'logits':
        return []
    return ['model.type=CLIPEnsemble', f'model.ratio={setup.clip_share}']


def _score(record: Record) -> float:
    return record.percent(record.declared['metric'])


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON at once or not at all."""
    part = path.with_name(f'{path.name}.part')
    part.write_text(json.dumps(content) + '\n')
    os.replace(part, path)


def list_cells() -> None:
    """Print the protocols and their cells."""
    for name in PROTOCOLS:
        protocol = build_protocol(name, 'open_mede')
        print(f'{name}: {protocol.title}')
        for cell in protocol.cells:
            size = '' if cell.size is None else f', {cell.size} videos'
            print(f'  {cell.name}: {cell.videos}{size}')


def main(argv: Sequence[str] | None = None) -> None:
    """Run what is left of a protocol."""
    args = parse_args(argv)
    if args.list:
        list_cells()
        return
    setup = args.setup or default_setup(args.method)
    protocol = build_protocol(args.protocol, setup)
    jobs, total = plan(args, protocol), len(protocol.match(args.cells))
    left = sum(len(job.cells) for job in jobs)
    print(f'{protocol.tag}: {total - left} of {total} cells have a record')
    bench, start = Bench(args, protocol), time.perf_counter()
    absent = {str(p) for p in map(bench.config, jobs) if not p.is_file()}
    if absent:
        raise SystemExit(
            f'{args.method} has no config for {protocol.tag}: '
            f'{sorted(absent)}; --zero-shot tests CLIP itself'
        )
    for number, job in enumerate(jobs, start=1):
        print(
            f'[{number}/{len(jobs)}] {job.name} ({bench.config(job)}), '
            f'{len(job.cells)} cells, {time.perf_counter() - start:.0f} s so '
            'far',
            flush=True,
        )
        if not args.dry_run:
            bench.train(job)
            bench.test(job)
    print(f'records: {bench.folder / "records"}')


if __name__ == '__main__':
    with contextlib.suppress(BrokenPipeError):
        main()
