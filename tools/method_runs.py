"""The runs of a protocol for one method: what is left, trained and tested."""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import commands
from mmengine.config import Config

from mmovar import stamp
from mmovar.apis.precision import amp_options, half_of
from mmovar.atomic_write import write_text
from mmovar.benchmark import (
    SETUPS,
    Record,
    Run,
    Selection,
    build_protocol,
    read_records,
    record_path,
    sha256_of,
)
from mmovar.engine import last_checkpoint
from mmovar.engine.half_precision import precision_of

CLIP_SHARE = 0.5
"""Of the ensembles that ``--ensemble`` asks for."""

_LOADING = Lock()  # MMEngine reads one config at a time


@dataclass(frozen=True)
class Job:
    """Cells of a run that have no record."""

    name: str
    run: Run
    mixed: str | None
    """Ensemble that the command line asks for; None: as declared."""
    cells: tuple[str, ...]


class Bench:
    """Carries out the jobs of one method.

    Args:
        args: The command line.
        method: One of ``args.method``.
    """

    def __init__(self, args: argparse.Namespace, method: str) -> None:
        self.args, self.method = args, method
        self.setup = args.setup or default_setup(method)
        self.protocol = build_protocol(args.protocol, self.setup, args.seeds)
        self.declared = {c.setup.ensemble for c in self.protocol.cells}
        self.name = args.name or method
        self.folder = args.work_dir / self.name
        self.where = args.gpus, args.slurm
        self.half = half_of(args)  # of trainings
        self.half_test = half_of(args, SETUPS[self.setup].precision)
        self.zero_shot = args.zero_shot or (
            method == 'clip' and not args.checkpoint
        )
        self.ensembles = [None] if self.zero_shot else args.ensemble
        self.given = dict(c.split('=', 1) for c in args.checkpoint)
        self.selection = self.protocol.selection
        if args.selection and args.selection != self.selection.rule:
            cell = 'the validation list' if args.selection == 'best' else None
            self.selection = Selection(args.selection, cell)

    def plan(self) -> list[list[Job]]:
        """List what is left to do, all jobs of a run together.

        Raises:
            ValueError: If what is there was made with another configuration.
        """
        runs: dict[str, list[Job]] = {}
        cells: dict[str, list[str]] = {}
        for cell in self.protocol.match(self.args.cells):
            cells.setdefault(cell.run, []).append(cell.name)
        for name, wanted in cells.items():
            if (self.run_folder(name) / stamp.NAME).is_file():
                self.check_stamp(name)
            for mixed in self.ensembles:
                job = Job(name, self.protocol.runs[name], mixed, tuple(wanted))
                left = self._without_record(job)
                if left:
                    job = replace(job, cells=tuple(left))
                    runs.setdefault(name, []).append(job)
        return list(runs.values())

    def check_stamp(self, name: str) -> None:
        """Note the settings of a run, or compare with those noted.

        Raises:
            ValueError: If the run was begun with others.
        """
        job = Job(name, self.protocol.runs[name], None, ())
        folder = self.run_folder(name)
        trained = (folder / 'trained.json').is_file() and not self.zero_shot
        noted = (folder / stamp.NAME).is_file() or name in self.given
        if trained and not noted:
            raise ValueError(
                f'{folder} does not tell the settings of its training; give '
                f'its checkpoint, --checkpoint {name}=FILE, or choose another '
                '--work-dir or --name'
            )
        half = dict(amp=self.half) if self.half else {}
        config = self._load_config(job, self.options(job)).to_dict()
        stamp.check_stamp(folder, dict(config, seed=job.run.seed, **half))

    def _without_record(self, job: Job) -> list[str]:
        """Return the cells of a job that have no record yet.

        Raises:
            ValueError: If there is one of another configuration.
        """
        folder = self.records(job.mixed)
        paths = {str(record_path(folder, c)): c for c in job.cells}
        found = read_records([folder]) if folder.is_dir() else []
        done = {paths[str(r.path)]: r for r in found if str(r.path) in paths}
        identity = self._identity(job) if done else {}
        for record in done.values():
            _check_record(record, identity)
        return [cell for cell in job.cells if cell not in done]

    def _identity(self, job: Job) -> dict[str, Any]:
        """Return what records of a job say of how they were made."""
        from mmovar.apis.benchmark import config_sha256

        options = [*self.options(job), *self._ensemble(job)]
        identity = dict(
            config_sha256=config_sha256(self._load_config(job, options)),
            selection=self._selection(job),
            precision=precision_of(self.half_test),
        )
        if job.name in self.given and job.mixed != 'weights':
            identity['checkpoint_sha256'] = sha256_of(self.given[job.name])
        return identity

    def _load_config(self, job: Job, options: Sequence[str]) -> Config:
        from mmovar.apis import load_config
        from mmovar.apis.option_values import parse_option

        with _LOADING:
            return load_config(
                self.config(job), dict(map(parse_option, options))
            )

    def _selection(self, job: Job) -> str:
        """Say in words which checkpoint is tested."""
        if self.zero_shot:
            words = 'CLIP, not tuned'
        elif job.name in self.given:
            words = f'given: {Path(self.given[job.name]).name}'
        else:
            words = str(self.selection)
        if job.mixed == 'weights':
            words += f', patched with {CLIP_SHARE} of CLIP'
        return words

    def row(self, mixed: str | None) -> str:
        """Name the row of tables: another one if not mixed as declared."""
        own = mixed is None or self.declared == {mixed}
        return self.name if own else f'{self.name}+{mixed}'

    def _ensemble(self, job: Job) -> list[str]:
        """Return the settings of the ensemble that is asked for, if any."""
        if job.mixed == 'logits':
            share = f'test_cfg.clip_share={CLIP_SHARE}'
            return ['model.type=CLIPEnsemble', share]
        mixes = job.mixed and self.declared != {'none'}
        return ['test_cfg.clip_share=0'] if mixes else []

    def records(self, mixed: str | None) -> Path:
        """Return the folder of the records of a row."""
        return self.args.work_dir / self.row(mixed) / 'records'

    def run_folder(self, name: str) -> Path:
        """Return where a run is trained."""
        return self.folder / 'runs' / name

    def train(self, job: Job) -> None:
        """Train a run, or go on where it was interrupted."""
        folder = self.run_folder(job.name)
        if job.name in self.given or self.zero_shot:
            return
        if (folder / 'trained.json').is_file():
            return
        options = [*self.options(job), *self._kept_checkpoints()]
        more = ['--seed', job.run.seed] if job.run.seed is not None else []
        seconds = commands.start(
            'train.py',
            [self.config(job), '--resume', 'auto', '--work-dir', folder, *more]
            + [*amp_options(self.half), *_given(options)],
            folder / 'train.log',
            *self.where,
        )
        write_text(folder / 'trained.json', json.dumps(dict(seconds=seconds)))

    def _kept_checkpoints(self) -> list[str]:
        if self.selection.rule == 'best':
            return ['default_hooks.checkpoint.save_best=acc/top1']
        if self.selection.rule == 'legacy':
            return ['default_hooks.checkpoint.max_keep_ckpts=-1']
        return []

    def test(self, job: Job) -> None:
        """Test a run on its cells."""
        records = self.records(job.mixed)
        if self.zero_shot:
            self._test(job, None, records)
        elif job.name in self.given:
            self._test(job, self.given[job.name], records)
        elif self.selection.rule == 'legacy':
            self._test_all(job)
        else:
            self._test(job, self.checkpoint(job), records)

    def checkpoint(self, job: Job) -> Path:
        """Return the checkpoint that the selection names.

        Raises:
            FileNotFoundError: If the training has left none.
            ValueError: If it has left more than one.
        """
        folder = self.run_folder(job.name)
        if self.selection.rule == 'last':
            file = last_checkpoint(folder)
            if file is None:
                raise FileNotFoundError(f'{folder} has no last_checkpoint')
            return file
        best = sorted(folder.glob('best_*.pth'))
        if not best:
            raise FileNotFoundError(
                f'{folder} has no best_*.pth: config of run {job.name} does '
                'not validate; --selection last takes the last checkpoint'
            )
        if len(best) > 1:
            names = ', '.join(file.name for file in best)
            raise ValueError(
                f'{folder} has more than one best checkpoint ({names}): keep '
                'the one that its log names last'
            )
        return best[0]

    def _test_all(self, job: Job) -> None:
        """Test each checkpoint; for each cell the best of them counts."""
        folder = self.run_folder(job.name)
        files = sorted(folder.glob('epoch_*.pth'), key=os.path.getmtime)
        tested = folder / 'legacy' / (job.mixed or '')
        for file in files:
            records = tested / file.stem
            left = [
                c for c in job.cells if not record_path(records, c).is_file()
            ]
            if left:
                self._test(replace(job, cells=tuple(left)), file, records)
        records = self.records(job.mixed)
        for cell in job.cells:
            found = [record_path(tested / file.stem, cell) for file in files]
            best = max(
                read_records(found),
                key=lambda record: record.percent(record.declared['metric']),
            )
            predictions = best.load_predictions()
            predictions.save(records / best.predictions)
            best.write(records)

    def _test(self, job: Job, checkpoint: Any, records: Path) -> None:
        if job.mixed == 'weights':
            checkpoint = self._patch(job, checkpoint)
        log = self.run_folder(job.name) / f'test_{time.time_ns()}.log'
        commands.start(
            'test.py',
            [self.config(job), *([checkpoint] if checkpoint else [])]
            + ['--cells', *job.cells, '--setup', self.setup]
            + ['--method', self.row(job.mixed)]
            + ['--selection', self._selection(job)]
            + ['--records', records, '--work-dir', log.parent]
            + amp_options(self.half_test)
            + _given([*self.options(job), *self._ensemble(job)]),
            log,
            *self.where,
        )

    def _patch(self, job: Job, checkpoint: Any) -> Path:
        """Mix CLIP's weights into those of a checkpoint."""
        folder = self.run_folder(job.name)
        out = folder / f'patched_{Path(checkpoint).stem}.pth'
        arguments = [self.config(job), checkpoint, '--out', out]
        arguments += ['--open-vclip-ratio', CLIP_SHARE]
        arguments += _given(self.options(job))
        commands.start('patch_weights.py', arguments, folder / 'patch.log')
        return out

    def config(self, job: Job) -> Path:
        """Return the config of a run; without training, any that tests."""
        path = self._own_config(job)
        if self.zero_shot and not path.is_file():
            return self.args.configs / self.method / 'k400_zs.py'
        return path

    def _own_config(self, job: Job) -> Path:
        own = self.args.configs / f'{self.method}.py'
        if self.args.protocol != 'mini' and own.is_file():
            return own
        return self.args.configs / job.run.config_file(self.method)

    def options(self, job: Job) -> list[str]:
        """Return the settings of a run, as ``--cfg-options`` has them."""
        settings = {}
        if self.config(job) == self._own_config(job):
            settings = job.run.options
        own = [
            f'{key}={str(value).format(data_root=self.args.data_root)}'
            for key, value in settings.items()
        ]
        return [*own, *self.args.cfg_options]


def default_setup(method: str) -> str:
    """Return the setup of a method: of its folder, else Open-MeDe's."""
    folder = method.partition('/')[0]
    return folder if folder in SETUPS else 'open_mede'


def _check_record(record: Record, identity: Mapping[str, Any]) -> None:
    """Refuse a record that was made in another way."""
    differ = [
        f'{key} {getattr(record, key)!r}, now {value!r}'
        for key, value in identity.items()
        if getattr(record, key) != value
    ]
    if differ:
        raise ValueError(
            f'{record.path} was made with another configuration: '
            f'{"; ".join(differ)}; choose another --name or --work-dir, or '
            'remove it'
        )


def _given(options: Sequence[str]) -> list[str]:
    return ['--cfg-options', *options] if options else []
