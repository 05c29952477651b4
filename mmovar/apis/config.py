"""Read a config file with the options of a command line."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from mmovar.engine.run_options import OPTIONS

from .config_numbers import check_numbers
from .config_options import check_options

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


def load_config(
    path: str | Path, options: Mapping[str, Any] | None = None
) -> Config:
    """Read a config file and override settings in it.

    It is what MMEngine's ``Config.fromfile`` and ``merge_from_dict`` do, and
    checks that the options have an effect.

    Args:
        path: A config file in text style.
        options: Dotted keys to values, as ``--cfg-options`` gives them:
            ``{'optim_wrapper.optimizer.lr': 1e-5, 'shots': 4}``. An integer
            in a key selects an element of a list.

    Returns:
        The config.

    Raises:
        FileNotFoundError: If ``path`` is no file.
        ValueError: If it is no config, if it does not know an option of a
            run, or if an option has no effect, see :func:`check_options`.
    """
    config, options = _read(Path(path)), dict(options or {})
    known = [name for name in OPTIONS if name in config]
    unknown = sorted(set(options) & set(OPTIONS) - set(known))
    if unknown:
        raise ValueError(
            f'{path} does not know {unknown}, of these options only {known}'
        )
    check_options(config, options)
    config.merge_from_dict(options)
    check_numbers(config)
    if config.get('custom_imports'):
        import_modules_from_strings(**config.custom_imports)
    return config


def _read(path: Path) -> Config:
    """Read a config file; say which one is none, and why."""
    if path.is_dir():
        raise FileNotFoundError(f'{path} is a folder, not a config file')
    if not path.is_file():
        raise FileNotFoundError(f'there is no config file {str(path)!r}')
    if path.suffix not in ('.py', '.json', '.yaml', '.yml'):
        raise ValueError(
            f'{path} is no config file: its name must end in .py, .json or '
            '.yaml'
        )
    try:
        return Config.fromfile(path, import_custom_modules=False)
    except Exception as error:  # the file is run, which may raise anything
        raise ValueError(
            f'config file {path} cannot be read: {type(error).__name__}: '
            f'{error}'
        ) from error


def set_work_dir(
    config: Config, work_dir: str | Path | None, path: str | Path
) -> None:
    """Choose where logs and checkpoints go.

    Args:
        config: Changed in place.
        work_dir: The folder; None keeps the config's own, and without one
            ``./work_dirs/{folder}/{stem}`` of ``path`` is taken, because
            leaves of different methods share their file names. Dataset,
            shots, draw and names, if the config has them, are appended.
        path: The config file: ``configs/mini/clip.py`` gives
            ``./work_dirs/mini/clip``, ``configs/tc_clip/fs.py`` with 4 shots
            ``./work_dirs/tc_clip/fs_hmdb51_shots4``.
    """
    if work_dir is not None:
        config.work_dir = str(work_dir)
    elif config.get('work_dir') is None:
        path = Path(path).resolve()
        parts = [path.stem, Path(config.get('dataset') or '').name]
        parts += [
            f'{key}{config[key]}'
            for key in ('shots', 'draw')
            if config.get(key) is not None
        ]
        run = '_'.join(filter(None, [*parts, config.get('names')]))
        config.work_dir = f'./work_dirs/{path.parent.name}/{run}'


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
