"""Pretend to run what tools/benchmark.py starts."""

import argparse
from dataclasses import replace
from pathlib import Path
from threading import Lock

from helpers.results_of import predictions, record
from mmovar.apis import load_config
from mmovar.apis.benchmark import config_sha256
from mmovar.apis.option_values import DictAction
from mmovar.benchmark import (
    read_records,
    record_path,
)


class Pretend:
    """Stands for the command runner; writes what the tools would write."""

    def __init__(self):
        self.commands = []
        self.prepared = []
        self.fail_after = None
        self.reading = Lock()

    def __call__(self, command, log):
        command = [str(word) for word in command]
        self.commands.append(command)
        script = next(w for w in command if w.endswith('.py'))
        if Path(script).name == 'train.py':
            self._train(command)
        elif Path(script).name == 'test.py':
            self._test(command)
        return 1.0

    def prepare(self, root, seeds):
        self.prepared.append((root, seeds))

    def _train(self, command):
        folder = Path(command[command.index('--work-dir') + 1])
        folder.mkdir(parents=True, exist_ok=True)
        for epoch in (1, 2):
            (folder / f'epoch_{epoch}.pth').write_text(str(epoch))
        (folder / 'best_acc_top1_epoch_1.pth').write_text('best')
        (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))

    def _test(self, command):
        start = command.index('--cells') + 1
        cells = command[start : command.index('--setup')]
        folder = Path(command[command.index('--records') + 1])
        method = command[command.index('--method') + 1]
        selection = command[command.index('--selection') + 1]
        sha256 = self._hash(command)
        for number, cell in enumerate(cells):
            if number == self.fail_after:
                raise SystemExit('killed')
            better = 'epoch_1' in ' '.join(command)
            found = record(cell, 70 if better else 60, 'tc_clip')
            file = record_path(folder, cell).with_suffix('.npz')
            predictions([0], [0]).save(file)
            replace(
                found,
                method=method,
                predictions=file.name,
                selection=selection,
                config_sha256=sha256,
            ).write(folder)

    def _hash(self, command):
        """Read the config as tools/test.py does."""
        parser = argparse.ArgumentParser()
        parser.add_argument('--cfg-options', nargs='+', action=DictAction)
        options = []
        if '--cfg-options' in command:
            options = command[command.index('--cfg-options') :]
        options = [w for w in options if w not in ('--launcher', 'slurm')]
        path = next(w for w in command[2:] if '/configs/' in w)
        given = parser.parse_args(options).cfg_options
        with self.reading:
            return config_sha256(load_config(path, given))

    def of(self, script):
        return [c for c in self.commands if any(script in w for w in c)]


def records(method='tc_clip'):
    return read_records([Path('work_dirs/benchmark') / method / 'records'])
