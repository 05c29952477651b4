"""Ways to step, to average, to loop and to measure."""

from . import hooks, loops, metrics, optim_wrappers, schedulers
from .run_options import fill_options

__all__ = [
    'fill_options',
    'hooks',
    'loops',
    'metrics',
    'optim_wrappers',
    'schedulers',
]
