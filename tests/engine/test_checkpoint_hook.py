"""What a training leaves on the disk, and what it goes on with."""

import os
import shutil
import uuid

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from helpers import toy_run
from helpers.kills import limit_files
from helpers.processes import run_fork
from mmovar.clip.weight_files import read_weight_file
from mmovar.engine.hooks import CheckpointHook


class Scores(Hook):
    """Give each validation the score that a list has for it."""

    priority = 'HIGH'

    def __init__(self, scores):
        self.scores, self.validated = scores, []

    def after_val_epoch(self, runner, metrics):
        step = runner.epoch or runner.iter
        self.validated.append(step)
        metrics.clear()
        metrics.update(score=self.scores[step], loss=-self.scores[step])


def train(folder, scores, resume=False, options=None, hooks=(), **overrides):
    """Train as long as there are scores; return the validated epochs."""
    scores = Scores(dict(enumerate(scores, start=1)))
    config = Config.fromstring(toy_run.CONFIG, '.py')
    config.train_cfg.max_epochs = len(scores.scores)
    config.default_hooks.checkpoint = {
        **dict(type='CheckpointHook', interval=1, save_best='score'),
        **dict(rule='greater'),
        **(options or {}),
    }
    config.update(work_dir=str(folder), resume=resume, log_level='ERROR')
    config.experiment_name = uuid.uuid4().hex
    for key, value in overrides.items():
        config[key] = value
    runner = Runner.from_cfg(config)
    for hook in (scores, *hooks):
        runner.register_hook(hook)
    runner.train()
    assert any(isinstance(hook, CheckpointHook) for hook in runner.hooks)
    return scores.validated


def files(folder, pattern='*.pth'):
    return sorted(path.name for path in folder.glob(pattern))


def hub_of(file):
    return read_weight_file(file)['message_hub']['runtime_info']


def test_one_best_file_and_the_last_ones_stay(tmp_path):
    train(tmp_path, [1, 3, 2], options=dict(max_keep_ckpts=2))
    assert files(tmp_path) == [
        *('best_score_epoch_2.pth', 'epoch_2.pth', 'epoch_3.pth')
    ]
    assert (tmp_path / 'last_checkpoint').read_text() == 'epoch_3.pth'


@pytest.mark.parametrize('keep', [1, 3])
def test_so_many_checkpoints_stay_as_are_asked_for(tmp_path, keep):
    train(tmp_path, [5, 4, 3, 2, 1], options=dict(max_keep_ckpts=keep))
    left = [f'epoch_{e}.pth' for e in range(6 - keep, 6)]
    assert files(tmp_path, 'epoch_*') == left


def test_each_indicator_has_its_best(tmp_path):
    options = dict(save_best=['score', 'loss'], rule=['greater', 'greater'])
    train(tmp_path, [2, 1, 3], options=options)
    best = ['best_loss_epoch_2.pth', 'best_score_epoch_3.pth']
    assert files(tmp_path, 'best_*') == best
    shutil.copy(tmp_path / best[0], tmp_path / 'best_loss_epoch_1.pth')
    shutil.copy(tmp_path / best[0], tmp_path / 'best_loss_epoch_1-0a1b.pth')
    train(tmp_path, [2, 1, 3, 0], resume=True, options=options)
    best = ['best_loss_epoch_1-0a1b.pth', 'best_loss_epoch_4.pth', best[1]]
    assert files(tmp_path, 'best_*') == best


def test_the_first_metric_may_be_the_best_one(tmp_path):
    train(tmp_path, [1, 3, 2], options=dict(save_best='auto'))
    assert files(tmp_path, 'best_*') == ['best_score_epoch_2.pth']


def test_only_what_has_no_result_is_validated_first(tmp_path):
    assert train(tmp_path, [1, 3, 2]) == [1, 2, 3]
    (tmp_path / 'epoch_3.pth').unlink()
    # epoch 2 was written anew with its result, as it was best
    assert train(tmp_path, [1, 3, 2], resume=True) == [3]
    assert train(tmp_path, [1, 3, 2], resume=True) == [3]
    loop = dict(by_epoch=True, max_epochs=3, val_begin=4)
    assert not train(tmp_path, [1, 3, 2], resume=True, train_cfg=loop)


def test_iterations_are_validated_first_too(tmp_path):
    overrides = dict(
        options=dict(by_epoch=False, interval=2),
        train_cfg=dict(by_epoch=False, max_iters=6, val_interval=2),
    )
    assert train(tmp_path, [0] * 6, **overrides) == [2, 4, 6]
    (tmp_path / 'iter_6.pth').unlink()
    again = train(tmp_path, [0] * 6, resume=True, **overrides)
    assert again == [4, 6]


def test_a_copied_run_leaves_the_first_one_alone(tmp_path):
    first, copy = tmp_path / 'first', tmp_path / 'copy'
    train(first, [1, 2])
    before = {f.name: f.read_bytes() for f in first.glob('*.pth')}
    shutil.copytree(first, copy)
    train(copy, [1, 2, 3], resume=True)
    assert before == {f.name: f.read_bytes() for f in first.glob('*.pth')}
    assert files(copy, 'best_*') == ['best_score_epoch_3.pth']
    hub = hub_of(copy / 'epoch_3.pth')
    assert hub['best_ckpt'] == str(copy / 'best_score_epoch_3.pth')
    assert hub['last_ckpt'] == str(copy / 'epoch_3.pth')


class FillTheDisk(Hook):
    """Leave no space for the checkpoint of the second epoch."""

    priority = 'HIGH'

    def __init__(self, stage):
        self.stage = stage

    def after_train_epoch(self, runner):
        if runner.epoch == 1 and self.stage == 'train':
            limit_files(1000)

    def after_val_epoch(self, runner, metrics):
        if runner.epoch == 2 and self.stage == 'val':
            limit_files(1000)


def fill_the_disk(folder, stage):
    with pytest.raises(OSError, match='too large'):
        train(
            folder,
            [1, 3, 2],
            hooks=[FillTheDisk(stage)],
        )


@pytest.mark.parametrize('stage', ['train', 'val'])
def test_a_full_disk_is_an_error_that_costs_no_file(tmp_path, stage):
    whole = tmp_path / 'whole'
    train(whole, [1, 3, 2])
    folder = tmp_path / 'full'
    folder.mkdir()
    assert run_fork(fill_the_disk, folder, stage) == 0
    assert files(folder, 'best_*') == ['best_score_epoch_1.pth']
    done = {'train': 1, 'val': 2}[stage]
    left = [f'epoch_{epoch}.pth' for epoch in range(1, done + 1)]
    assert files(folder, 'epoch_*') == left
    assert all(read_weight_file(file) for file in folder.glob('*.pth'))
    assert not files(folder, '.part*')
    train(folder, [1, 3, 2], resume=True)
    assert files(folder) == files(whole)


def test_left_overs_of_a_killed_run_are_removed(tmp_path):
    part = tmp_path / '.part_00000000_x'
    part.mkdir()
    (part / '.lock').touch()
    (part / 'epoch_1.pth').write_text('half')
    train(tmp_path, [1])
    assert not part.exists()


def test_a_checkpoint_elsewhere_is_named_from_the_work_dir_on(tmp_path):
    options = dict(out_dir=str(tmp_path / 'elsewhere'))
    train(tmp_path / 'run', [1, 2], options=options)
    named = (tmp_path / 'run' / 'last_checkpoint').read_text()
    assert named == os.path.join('..', 'elsewhere', 'run', 'epoch_2.pth')
    options = dict(out_dir=str(tmp_path / 'elsewhere'))
    assert train(tmp_path / 'run', [1, 2, 3], True, options) == [3]
