"""A training that is killed and resumed ends as one that is not."""

import re
import uuid
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer

from helpers import toy_run
from helpers.kills import die_at
from helpers.processes import run_fork
from mmovar.apis import build_runner
from mmovar.clip.weight_files import read_weight_file

EPOCHS = 4  # validated to -1.5, 7.9, -3.3, 9.2: the third is best

NEVER_THE_SAME = 'time|cfg|experiment_name'


class DieInValidation(Hook):
    """Die in the validation of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_val_iter(self, runner, **kwargs):
        if runner.epoch == self.epoch:
            raise SystemExit(9)


def train(folder, resume=False, kill=None, **checkpoint):
    """Train the toy in a folder, with kill = (moment, file, nth)."""
    config = Config.fromstring(toy_run.CONFIG, '.py')
    config.train_cfg.max_epochs = EPOCHS
    optimizer = dict(type='Adam', lr=2.0, betas=(0.5, 0.9))
    config.optim_wrapper = dict(optimizer=optimizer)
    config.param_scheduler = dict(type='ExponentialLR', gamma=1.0)
    config.default_hooks.checkpoint = dict(
        type='CheckpointHook',
        **dict(interval=1, max_keep_ckpts=2, save_best='toy/sum', rule='less'),
        **checkpoint,
    )
    config.update(work_dir=str(folder), resume=resume, log_level='ERROR')
    config.randomness = dict(seed=0)
    config.experiment_name = uuid.uuid4().hex
    runner = build_runner(config)
    if kill is not None and kill[0] == 'validation':
        runner.register_hook(DieInValidation(kill[1]))
    elif kill is not None:
        die_at(*kill)
    runner.train()


def plain(value):
    """Turn what a checkpoint holds into what ``==`` compares."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, HistoryBuffer):
        return [buffer.tolist() for buffer in value.data]
    if isinstance(value, torch.Tensor):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def left_by(folder):
    """Return all that a run has left, but for paths and clocks."""
    last = (folder / 'last_checkpoint').read_text()
    left = {'last_checkpoint': Path(last).name}
    left['hidden'] = [f.name for f in folder.glob('.*')]
    for file in folder.glob('*.pth'):
        checkpoint = read_weight_file(file)
        hub = checkpoint['message_hub']
        for part in hub.values():
            for key in [k for k in part if re.search(NEVER_THE_SAME, k)]:
                del part[key]
        for key, value in hub['runtime_info'].items():
            hub['runtime_info'][key] = str(value).replace(str(folder), '.')
        meta = checkpoint.pop('meta')
        checkpoint['at'] = meta['epoch'], meta['iter']
        left[file.name] = plain(checkpoint)
    return left


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp('uninterrupted')
    train(folder)
    return left_by(folder)


BEST = 'best_toy_sum_epoch_3.pth'
KILLS = [
    *[(m, 'epoch_3.pth', 1) for m in ('before', 'half', 'complete')],
    *[(m, 'last_checkpoint', 3, 0) for m in ('before', 'half', 'complete')],
    ('validation', 3),
    *[(m, BEST) for m in ('before', 'half', 'complete')],
    # written anew because the message hub knows the best now
    *[(m, 'epoch_3.pth', 2) for m in ('before', 'half', 'complete')],
    ('half', 'last_checkpoint', 4, 0),
    # the last epoch: no other one follows
    ('validation', 4),
    ('half', 'epoch_1.pth', 2),
]


@pytest.mark.parametrize('kill', KILLS, ids=lambda k: '-'.join(map(str, k)))
def test_a_killed_training_ends_as_an_uninterrupted_one(
    tmp_path, uninterrupted, kill
):
    assert run_fork(train, tmp_path, False, kill)
    assert not (tmp_path / 'epoch_4.pth').exists() or kill[1] == 4
    train(tmp_path, resume=True)
    assert left_by(tmp_path) == uninterrupted


def test_the_toy_is_as_the_kills_expect(uninterrupted):
    assert list(sorted(uninterrupted)) == [
        BEST,
        *('epoch_3.pth', 'epoch_4.pth', 'hidden', 'last_checkpoint'),
    ]
    assert uninterrupted[BEST]['message_hub']['runtime_info'][
        'best_ckpt'
    ].endswith(BEST)
