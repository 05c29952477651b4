"""Ways to step, to average, to loop and to measure."""

from . import hooks, loops, metrics, optim_wrappers, schedulers

__all__ = ['hooks', 'loops', 'metrics', 'optim_wrappers', 'schedulers']
