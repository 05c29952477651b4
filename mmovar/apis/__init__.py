"""Python entry points of what the tools do.

Importing this package imports MMEngine's runner, which ``import mmovar``
alone does not need.
"""

from mmovar.released.load import ReleasedRecognizer, load_released

from .config import add_trackers, load_config, set_work_dir
from .inference import (
    Recognition,
    find_videos,
    init_recognizer,
    iter_recognitions,
    recognize,
    view_frames,
)
from .launch import build_runner, close
from .precision import enable_amp

__all__ = [
    'Recognition',
    'ReleasedRecognizer',
    'add_trackers',
    'build_runner',
    'close',
    'enable_amp',
    'find_videos',
    'init_recognizer',
    'iter_recognitions',
    'load_config',
    'load_released',
    'recognize',
    'set_work_dir',
    'view_frames',
]
