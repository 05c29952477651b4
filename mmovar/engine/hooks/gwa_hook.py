"""Gaussian weight averaging over epochs."""

from mmaction.registry import HOOKS
from mmengine.runner import Runner

from ..weights.gaussian_weight_average import (
    MU,
    SIGMA,
    GaussianWeightAverage,
    check_fractions,
)
from .epoch_average_hook import EpochAverageHook


@HOOKS.register_module()
class GWAHook(EpochAverageHook):
    r"""Average the weights of all epochs with Gaussian weights.

    Epoch n of N weighs :math:`\mathcal{N}(n / N; \mu, \sigma^2)`, normalised.
    N is ``max_epochs``: a run that is resumed to be longer keeps the shares
    its epochs had.

    Source: Open-MeDe (ICCV 2025), section 3.2.2. Its text lost the values of
    mu and sigma; epochs 15 and 10 of 22 are those of its first author's later
    code (nearly uniform weights). The first epoch is the first collected, as
    the paper excludes raw CLIP.

    Args:
        mu: Centre of the Gaussian, a fraction of the run in (0, 1].
        sigma: Its width, a fraction of the run in (0, 1].

    Raises:
        ValueError: If ``mu`` or ``sigma`` is out of range, or see
            ``EpochAverageHook``.
    """

    name = 'gwa'

    def __init__(self, mu: float = MU, sigma: float = SIGMA) -> None:
        check_fractions(mu=mu, sigma=sigma)
        super().__init__(GaussianWeightAverage, mu=mu, sigma=sigma)

    def before_train(self, runner: Runner) -> None:
        """Tell the average when in the run it is updated."""
        super().before_train(runner)
        last = runner.max_epochs
        collected = runner.epoch - int(self.ema_model.steps)  # 0 or resumed
        self.ema_model.times = [
            epoch / last for epoch in range(collected + 1, last + 1)
        ]
