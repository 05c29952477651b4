"""Training rules, weight averages, loops and hooks."""

from . import file_backend, hooks, loops, optim_wrappers, schedulers
from .newest_checkpoint import (
    find_newest_checkpoint,
    last_checkpoint,
    was_trained,
)
from .run_options import fill_options

__all__ = [
    'file_backend',
    'fill_options',
    'find_newest_checkpoint',
    'hooks',
    'last_checkpoint',
    'loops',
    'optim_wrappers',
    'schedulers',
    'was_trained',
]
