"""Every config of the tree trains on a batch and is tested on its sets."""

import gc

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from tiny_config import CONFIGS, load_tiny_config

from mmovar.apis import build_runner

LEAVES = sorted(
    path.relative_to(CONFIGS)
    for path in CONFIGS.rglob('*.py')
    if '_base_' not in path.parts
)


class StopAfterOneEpoch(Hook):
    """End a training whose schedule goes on."""

    def after_train_epoch(self, runner):
        runner.train_loop.stop_training = True


@pytest.fixture(params=LEAVES, ids=str)
def config(request, tmp_path):
    return load_tiny_config(CONFIGS / request.param, tmp_path)


def test_config_trains_and_tests(config, monkeypatch):
    # laying out a config for the log takes longer than all else here, and
    # so does collecting garbage once a dataset
    monkeypatch.setattr(Config, 'pretty_text', property(str))
    monkeypatch.setattr(gc, 'collect', int)
    runner = build_runner(config)
    if runner.train_loop is not None:
        runner.register_hook(StopAfterOneEpoch())
        runner.train()
        assert runner.iter == 1
    metrics = runner.test()
    assert len([m for m in metrics if m.endswith('acc/top1')]) == len(
        config.test_dataloader
    )
