"""Uniform weight averaging over epochs."""

from mmaction.registry import HOOKS

from ..weights.averaged_model import UniformWeightAverage
from .epoch_average_hook import EpochAverageHook


@HOOKS.register_module()
class SWAHook(EpochAverageHook):
    """Stochastic weight averaging: the mean of the weights of epochs.

    Source: Open-VCLIP (ICML 2023), Alg. 1 and section 5.1: from the end of
    the second epoch, when the warm-up is over; per epoch, as in its code.

    Args:
        begin: First epoch to collect, counted from 1.

    Raises:
        ValueError: If ``begin`` is not positive, or see ``EpochAverageHook``.
    """

    name = 'swa'

    def __init__(self, begin: int = 2) -> None:
        if begin < 1:
            raise ValueError(f'begin must be an epoch from 1, got {begin}')
        super().__init__(UniformWeightAverage, begin_epoch=begin)
