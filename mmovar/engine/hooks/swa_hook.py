"""Uniform weight averaging over epochs."""

from mmaction.registry import HOOKS

from .epoch_average_hook import EpochAverageHook


@HOOKS.register_module()
class SWAHook(EpochAverageHook):
    """Stochastic weight averaging: the mean of the weights of epochs.

    Source: Open-VCLIP (ICML 2023), Alg. 1 and section 5.1: from the end of
    the second epoch, when the warm-up is over; per epoch, as in its code.

    Args:
        begin: First epoch to collect, counted from 1.
        end: Last epoch to collect; None for all.
        interval: Epochs from one collection to the next.
        name: See ``EpochAverageHook``, as ``active``.
        active: Whether this average is the one validated and tested.
        kwargs: Of ``mmengine.model.StochasticWeightAverage``.

    Raises:
        ValueError: See ``EpochAverageHook``.
    """

    def __init__(
        self,
        begin: int = 2,
        end: int | None = None,
        interval: int = 1,
        name: str = 'swa',
        active: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(
            'mmengine.StochasticWeightAverage',
            begin,
            end,
            interval,
            name,
            active,
            **kwargs,
        )
