"""Loggers and measurements that any training can be started with."""

import math

import pytest
from tiny_config import CONFIGS, load_tiny_config

from mmovar.apis import build_runner, load_config

MINI = CONFIGS / 'mini' / 'open_mede.py'


def backends(**options):
    config = load_config(MINI, options)
    assert config.visualizer.vis_backends == config.vis_backends
    return [backend.type for backend in config.vis_backends]


def test_default_is_light(monkeypatch):
    monkeypatch.delenv('MMOVAR_TRACKERS', raising=False)
    monkeypatch.delenv('MMOVAR_WATCH', raising=False)
    assert backends() == ['LocalVisBackend']
    hooks = load_config(MINI).custom_hooks
    assert 'WatchHook' not in [hook.type for hook in hooks]


def test_trackers_have_short_names_or_class_names():
    assert backends(trackers='tensorboard')[1:] == ['TensorboardVisBackend']
    assert backends(trackers='wandb+tensorboard')[1:] == [
        'WandbVisBackend',
        'TensorboardVisBackend',
    ]
    assert backends(trackers='MLflowVisBackend')[1:] == ['MLflowVisBackend']


def test_methods_keep_their_hooks_beside_the_watch():
    hooks = load_config(MINI, dict(watch=7)).custom_hooks
    (watch,) = (hook for hook in hooks if hook.type == 'WatchHook')
    assert watch.interval == 7
    assert hooks[-1].type == 'GWAHook'


def test_a_watched_training_writes_curves_for_tensorboard(
    tmp_path, monkeypatch
):
    events = pytest.importorskip(
        'tensorboard.backend.event_processing.event_accumulator',
        reason='tensorboard is not installed',
    )
    monkeypatch.setenv('MMOVAR_TRACKERS', 'tensorboard')
    monkeypatch.setenv('MMOVAR_WATCH', '1')
    config = load_tiny_config(MINI, tmp_path)
    config.train_cfg.max_epochs = 2
    config.default_hooks.logger.interval = 1
    build_runner(config).train()
    (file,) = tmp_path.rglob('events.out*')
    curves = events.EventAccumulator(str(file)).Reload()
    for name in (
        'support_loss',
        'query_loss',
        'gradient_cosine',
        'clip_distance',
    ):
        values = [event.value for event in curves.Scalars(name)]
        assert len(values) == 2, name
        assert all(map(math.isfinite, values)), name
