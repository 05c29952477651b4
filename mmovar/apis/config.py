"""Read a config file with the options of a command line."""

import os
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config

DATA_VARIABLE = 'MMOVAR_DATA'
"""Environment variable that configs read the data root from."""

AMP_TWINS = {
    'OptimWrapper': 'AmpOptimWrapper',
    'CrossBatchMetaOptimWrapper': 'CrossBatchMetaAmpOptimWrapper',
}
"""Optimizer wrapper in full precision to the one in mixed precision."""


def load_config(
    path: str | Path, options: Mapping[str, Any] | None = None
) -> Config:
    """Read a config file and override settings in it.

    Paths of data are composed while the file is read, so overriding
    ``data_root`` afterwards would change nothing. Among ``options`` it
    therefore takes effect before; all others are merged after.

    Args:
        path: A config file in text style.
        options: Dotted keys to values, as ``--cfg-options`` gives them:
            ``{'optim_wrapper.optimizer.lr': 1e-5}``. An integer in a key
            selects an element of a list.

    Returns:
        The config.

    Raises:
        FileNotFoundError: If ``path`` does not exist.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'there is no config file {str(path)!r}')
    options = dict(options or {})
    with _data_root(options.get('data_root')):
        config = Config.fromfile(path)
    config.merge_from_dict(options)
    return config


@contextmanager
def _data_root(value: Any) -> Any:
    """Set the environment variable of the data root while a file is read."""
    before = os.environ.get(DATA_VARIABLE)
    if value is not None:
        os.environ[DATA_VARIABLE] = str(value)
    try:
        yield
    finally:
        if before is not None:
            os.environ[DATA_VARIABLE] = before
        elif value is not None:
            del os.environ[DATA_VARIABLE]


def set_work_dir(
    config: Config, work_dir: str | Path | None, path: str | Path
) -> None:
    """Choose where logs and checkpoints go.

    Args:
        config: Changed in place.
        work_dir: The folder; None keeps the config's own, and without one
            ``./work_dirs/{folder}/{stem}`` of ``path`` is taken, because
            leaves of different methods share their file names.
        path: The config file: ``configs/mini/clip.py`` gives
            ``./work_dirs/mini/clip``.
    """
    if work_dir is not None:
        config.work_dir = str(work_dir)
    elif config.get('work_dir') is None:
        path = Path(path).resolve()
        config.work_dir = f'./work_dirs/{path.parent.name}/{path.stem}'


def enable_amp(config: Config, dtype: str = 'float16') -> None:
    """Train in mixed precision.

    Args:
        config: Its ``optim_wrapper`` is changed in place.
        dtype: ``'float16'`` (with dynamic loss scaling unless the config
            says otherwise) or ``'bfloat16'`` (which needs no scaling).

    Raises:
        ValueError: If the optimizer wrapper has no mixed precision twin, or
            ``dtype`` is neither of the two.
    """
    if dtype not in ('float16', 'bfloat16'):
        raise ValueError(
            f"dtype must be 'float16' or 'bfloat16', but is {dtype!r}"
        )
    wrapper = config.optim_wrapper
    name = wrapper.get('type', 'OptimWrapper')
    if name not in (*AMP_TWINS, *AMP_TWINS.values()):
        raise ValueError(
            f'optimizer wrapper {name!r} has no mixed precision twin; those '
            f'that have one are {sorted(AMP_TWINS)}'
        )
    wrapper.type = AMP_TWINS.get(name, name)
    wrapper.dtype = dtype
    if dtype == 'bfloat16':
        wrapper.loss_scale = {'enabled': False}
    else:
        wrapper.setdefault('loss_scale', 'dynamic')
