"""Numbers and names of a config that MMEngine takes as they come.

With ``max_epochs=0`` it trains nothing and says nothing, with
``batch_size=1.5`` it ends in the middle of a data loader.
"""

import logging
from typing import Any

from mmengine.config import Config

_LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')

LEAST = {
    'train_cfg.max_epochs': 1,
    'train_cfg.max_iters': 1,
    'train_cfg.val_interval': 1,
    **{f'{loader}.batch_size': 1 for loader in _LOADERS},
    **{f'{loader}.num_workers': 0 for loader in _LOADERS},
    'default_hooks.logger.interval': 1,
    'default_hooks.checkpoint.interval': -1,
    'randomness.seed': 0,
    'watch': 0,
}
"""Dotted key to the least value."""


def check_numbers(config: Config) -> None:
    """Check the whole numbers of a config and its log level, if it has them.

    Raises:
        ValueError: If one is none, or too small.
    """
    level = config.get('log_level', 'INFO')
    named = isinstance(level, str)
    if named and not isinstance(logging.getLevelName(level), int):
        raise ValueError(
            'log_level must be DEBUG, INFO, WARNING or ERROR, but is '
            f'{level!r}'
        )
    for key, least in LEAST.items():
        value: Any = config._cfg_dict
        for part in key.split('.'):
            value = value.get(part) if isinstance(value, dict) else None
            if value is None:
                break
        else:
            if isinstance(value, str) and value.startswith('{'):
                continue  # an option of the run
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole or value < least:
                raise ValueError(
                    f'{key} must be a whole number, {least} or more, but is '
                    f'{value!r}'
                )
