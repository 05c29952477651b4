"""Gaussian weight averaging along a training run."""

import math

from mmaction.registry import MODELS
from mmengine.model import BaseAveragedModel
from torch import Tensor


@MODELS.register_module()
class GaussianWeightAverage(BaseAveragedModel):
    r"""Average the weights of updates t = 0, 1, ... with Gaussian weights.

    .. math::
        \bar\theta_t = \bar\theta_{t-1}
            + \frac{w_t}{\sum_{i \le t} w_i} (\theta_t - \bar\theta_{t-1}),
        \quad w_t = \exp\left(-\frac{(t - \mu)^2}{2 \sigma^2}\right)

    The ratio is computed from logarithms, so tails do not underflow. One
    copy of the weights is kept, in their dtype (float32 under AMP).

    Source: Open-MeDe (ICCV 2025), Eqs. 12 and 13.

    Args:
        args: ``model`` and others of ``BaseAveragedModel``.
        mean: Centre :math:`\mu`, in updates.
        std: Width :math:`\sigma`, in updates, > 0.
        kwargs: Of ``BaseAveragedModel``.

    Raises:
        ValueError: If ``std`` is not positive.
    """

    def __init__(self, *args, mean: float, std: float, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if std <= 0:
            raise ValueError(f'std must be > 0, got {std}')
        self.mean, self.std = mean, std

    def ratio(self, update: int) -> float:
        """Return the share of an update in the average that it ends.

        Args:
            update: t, counted from 0.
        """
        logs = [
            -0.5 * ((t - self.mean) / self.std) ** 2 for t in range(update + 1)
        ]
        return 1 / sum(math.exp(min(log - logs[-1], 700.0)) for log in logs)

    def avg_func(
        self, averaged_param: Tensor, source_param: Tensor, steps: int
    ) -> None:
        """Move the average towards the source, in place."""
        averaged_param.lerp_(
            source_param, self.ratio(int(steps) // self.interval)
        )
