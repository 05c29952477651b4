"""Spare MMEngine's runners what takes long and tells a test nothing."""

from functools import cache

from mmengine.config import config
from mmengine.runner import runner


def lighten():
    """Log configs as they are, and ask compilers for their versions once.

    A runner lays its config out with YAPF four times, in 0.2 s each for a
    file and seconds for one that has long lists in it.
    """
    config.FormatCode = lambda text, **style: (text, True)
    runner.collect_env = cache(runner.collect_env)
