"""Python entry points of what the tools do.

Importing this package imports MMEngine's runner, which ``import mmovar``
alone does not need.
"""

from .config import enable_amp, load_config, set_work_dir
from .launch import build_runner, close

__all__ = [
    'build_runner',
    'close',
    'enable_amp',
    'load_config',
    'set_work_dir',
]
