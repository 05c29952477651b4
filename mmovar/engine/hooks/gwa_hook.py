"""Gaussian weight averaging over epochs."""

from mmaction.registry import HOOKS

from .epoch_average_hook import EpochAverageHook
from .gaussian_weight_average import GaussianWeightAverage


@HOOKS.register_module()
class GWAHook(EpochAverageHook):
    r"""Average the weights of epochs with Gaussian weights.

    Epoch t weighs :math:`\mathcal{N}(t; \mu, \sigma^2)`, normalised.

    Source: Open-MeDe (ICCV 2025), section 3.2.2. Its text lost the values of
    mu and sigma; 15 and 10 for 22 epochs are those of its first author's
    later code (nearly uniform weights). The window begins with epoch 1, as
    the paper excludes raw CLIP.

    Args:
        mu: Centre of the Gaussian, an epoch counted from 1.
        sigma: Its width in epochs, > 0.
        begin: First epoch to collect, counted from 1.
        end: Last epoch to collect; None for all.
        interval: Epochs from one collection to the next.
        name: See ``EpochAverageHook``, as ``active``.
        active: Whether this average is the one validated and tested.
        kwargs: Of ``GaussianWeightAverage``.

    Raises:
        ValueError: If ``sigma`` is not positive, or see
            ``EpochAverageHook``.
    """

    def __init__(
        self,
        mu: float = 15.0,
        sigma: float = 10.0,
        begin: int = 1,
        end: int | None = None,
        interval: int = 1,
        name: str = 'gwa',
        active: bool = True,
        **kwargs,
    ) -> None:
        if sigma <= 0:
            raise ValueError(f'sigma must be > 0, got {sigma}')
        # update 0 is epoch `begin`, update 1 is `interval` epochs later
        super().__init__(
            GaussianWeightAverage,
            begin,
            end,
            interval,
            name,
            active,
            mean=(mu - begin) / interval,
            std=sigma / interval,
            **kwargs,
        )
