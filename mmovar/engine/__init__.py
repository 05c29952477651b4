"""Training rules, weight averages, loops and hooks."""

from . import hooks, loops, optim_wrappers, schedulers
from .run_options import fill_options

__all__ = ['fill_options', 'hooks', 'loops', 'optim_wrappers', 'schedulers']
