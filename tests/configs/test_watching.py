"""Loggers and measurements that any training can be started with."""

import math

from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import add_trackers, build_runner, load_config

MINI = CONFIGS / 'mini' / 'open_mede.py'


def test_default_is_light():
    config = load_config(MINI)
    (backend,) = config.visualizer.vis_backends
    assert backend.type == 'LocalVisBackend'
    assert not config.watch


def test_a_watched_training_writes_curves_for_tensorboard(tmp_path):
    from tensorboard.backend.event_processing import (
        event_accumulator as events,
    )

    config = load_tiny_config(MINI, tmp_path)
    add_trackers(config, ['tensorboard'])
    config.watch = 1
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
