"""Fixtures of the tests of ``tools/``."""

import json
from pathlib import Path

import pytest

SETS = ('known_ic', 'known_ooc', 'novel_ic', 'novel_ooc')


@pytest.fixture
def pretend_runs(monkeypatch):
    """Replace the runs of a table; return the list of their commands.

    Tests of a checkpoint write constant metrics: 75 percent as an ensemble
    with CLIP, else 50.
    """

    def pretend(module):
        commands = []

        def call(command, log):
            command = [str(word) for word in command]
            commands.append(command)
            if 'train.py' in command[1]:
                log.parent.mkdir(parents=True)
                (log.parent / 'last_checkpoint').write_text('epoch_14.pth\n')
            if 'test.py' in command[1]:
                top1 = 0.75 if 'model.type=CLIPEnsemble' in command else 0.5
                out = Path(command[command.index('--out') + 1])
                metrics = {f'{name}/acc/top1': top1 for name in SETS}
                out.write_text(json.dumps(metrics))
            return 1.0

        monkeypatch.setattr(module, 'call', call)
        return commands

    return pretend
