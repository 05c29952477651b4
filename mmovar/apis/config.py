"""Read a config file with the options of a command line."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .benchmark import setup_of, use_cells

DATA_VARIABLE = 'MMOVAR_DATA'
"""Environment variable that configs read the data root from."""

RUN_VARIABLES = {
    'data_root': DATA_VARIABLE,
    'dataset': 'MMOVAR_DATASET',
    'shots': 'MMOVAR_SHOTS',
    'seed': 'MMOVAR_SEED',
    'legacy_random_views': 'MMOVAR_LEGACY_RANDOM_VIEWS',
    'trackers': 'MMOVAR_TRACKERS',
    'watch': 'MMOVAR_WATCH',
}
"""What differs from run to run, to the environment variable it is read from.

A config file that knows one of them has a line such as
``shots = int('{{$MMOVAR_SHOTS:16}}')``.
"""

TRACKERS = {
    'aim': 'AimVisBackend',
    'clearml': 'ClearMLVisBackend',
    'dvclive': 'DVCLiveVisBackend',
    'mlflow': 'MLflowVisBackend',
    'neptune': 'NeptuneVisBackend',
    'tensorboard': 'TensorboardVisBackend',
    'wandb': 'WandbVisBackend',
}
"""Short name of a tracker to MMEngine's back end for it."""

AMP_TWINS = {
    'OptimWrapper': 'AmpOptimWrapper',
    'CrossBatchMetaOptimWrapper': 'CrossBatchMetaAmpOptimWrapper',
    'TotalBatchOptimWrapper': 'TotalBatchAmpOptimWrapper',
}
"""Optimizer wrapper in full precision to the one in mixed precision."""


def load_config(
    path: str | Path, options: Mapping[str, Any] | None = None
) -> Config:
    """Read a config file and override settings in it.

    Paths of data are composed while the file is read, so overriding
    ``data_root`` or ``shots`` afterwards would change nothing. Those of
    :data:`RUN_VARIABLES` therefore take effect before; all other options
    are merged after. Where the config has ``test_cells``, such as
    ``['ucf101/ep3/*']``, these cells of the protocols are its test sets.

    Args:
        path: A config file in text style.
        options: Dotted keys to values, as ``--cfg-options`` gives them:
            ``{'optim_wrapper.optimizer.lr': 1e-5}``. An integer in a key
            selects an element of a list.

    Returns:
        The config.

    Raises:
        FileNotFoundError: If ``path`` does not exist.
        ValueError: If the file does not know a run variable among the
            options.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'there is no config file {str(path)!r}')
    options = dict(options or {})
    given = {k: v for k, v in options.items() if k in RUN_VARIABLES}
    with _run_variables(given):
        config = Config.fromfile(path)
    unknown = sorted(set(given) - set(config))
    if unknown:
        known = sorted(set(RUN_VARIABLES) & set(config))
        raise ValueError(
            f'{path} does not know {unknown}, of these options only {known}'
        )
    config.merge_from_dict(
        {k: v for k, v in options.items() if k not in given}
    )
    if 'test_cells' in config:
        use_cells(config, config.test_cells, setup_of(path))
    return config


@contextmanager
def _run_variables(values: Mapping[str, Any]) -> Iterator[None]:
    """Set environment variables while a file is read."""
    before = dict(os.environ)
    os.environ.update(
        {RUN_VARIABLES[name]: str(value) for name, value in values.items()}
    )
    try:
        yield
    finally:
        for variable in map(RUN_VARIABLES.get, values):
            del os.environ[variable]
            if variable in before:
                os.environ[variable] = before[variable]


def set_work_dir(
    config: Config, work_dir: str | Path | None, path: str | Path
) -> None:
    """Choose where logs and checkpoints go.

    Args:
        config: Changed in place.
        work_dir: The folder; None keeps the config's own, and without one
            ``./work_dirs/{folder}/{stem}`` of ``path`` is taken, because
            leaves of different methods share their file names. Dataset,
            shots and seed, if the config has them, are appended.
        path: The config file: ``configs/mini/clip.py`` gives
            ``./work_dirs/mini/clip``, ``configs/tc_clip/hmdb51_fs.py`` with
            4 shots ``./work_dirs/tc_clip/hmdb51_fs_shots4``.
    """
    if work_dir is not None:
        config.work_dir = str(work_dir)
    elif config.get('work_dir') is None:
        path = Path(path).resolve()
        run = ''.join(
            f'_{name}{config[name]}'
            for name in ('dataset', 'shots', 'seed')
            if name in config
        )
        config.work_dir = f'./work_dirs/{path.parent.name}/{path.stem}{run}'


def add_trackers(config: Config, names: Iterable[str]) -> None:
    """Log to trackers too, beside the back ends that the config has.

    Args:
        config: Its ``visualizer`` is changed in place.
        names: Keys of :data:`TRACKERS`.
    """
    if 'visualizer' not in config:
        local = dict(type='LocalVisBackend')
        config.visualizer = dict(type='ActionVisualizer', vis_backends=[local])
    config.visualizer.vis_backends = [
        *config.visualizer.vis_backends,
        *(dict(type=TRACKERS[name]) for name in names),
    ]


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
