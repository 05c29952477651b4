"""A work dir belongs to one training, whoever starts it."""

import uuid

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from helpers.processes import run_fork
from helpers.toy_run import CONFIG
from mmovar.engine.hooks import WorkDirLockHook
from mmovar.one_process import one_process


@pytest.fixture
def runner(tmp_path):
    """What MMAction2's own tools build of a config with the hook."""
    config = Config.fromstring(CONFIG, '.py')
    config.work_dir = str(tmp_path / 'run')
    config.experiment_name = uuid.uuid4().hex
    config.custom_hooks = [dict(type='WorkDirLockHook')]
    return Runner.from_cfg(config)


def lock(folder):
    with one_process(folder, 'training'):
        pass


def test_a_training_is_refused_where_another_process_trains(runner, tmp_path):
    def train():
        with pytest.raises(RuntimeError, match='run is in use for training'):
            runner.train()

    with one_process(tmp_path / 'run', 'training'):
        assert run_fork(train) == 0
    assert not list(tmp_path.rglob('*.pth'))


def test_the_lock_lasts_from_the_first_step_to_the_end(
    runner, tmp_path, monkeypatch
):
    codes = []
    monkeypatch.setattr(
        WorkDirLockHook,
        'after_train_epoch',
        lambda *_: codes.append(run_fork(lock, tmp_path / 'run')),
    )
    runner.train()
    assert codes == [1, 1]
    assert run_fork(lock, tmp_path / 'run') == 0


def test_tests_do_not_lock(runner, tmp_path):
    with one_process(tmp_path / 'run', 'training'):
        assert run_fork(runner.test) == 0
