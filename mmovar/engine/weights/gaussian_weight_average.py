"""Gaussian weight averaging along a training run."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .averaged_model import AveragedModel

MU, SIGMA = 15 / 22, 10 / 22
"""Defaults: those of 22 epochs in the later code of Open-MeDe's author."""


class GaussianWeightAverage(AveragedModel):
    r"""Average the weights of times :math:`t_0, t_1, ...` of a run.

    .. math::
        w_i = \exp\left(-\frac{(t_i - \mu)^2}{2 \sigma^2}\right), \quad
        \bar\theta_i = \bar\theta_{i-1}
            + \frac{w_i}{\sum_{j \le i} w_j} (\theta_i - \bar\theta_{i-1})

    All times are fractions of the run: epoch n of N is n / N. One copy of
    the weights is kept, in their dtype (float32 under AMP).

    Source: Open-MeDe (ICCV 2025), Eqs. 12 and 13.

    Args:
        model: To average; its weights are overwritten by the first update.
        mu: Centre, in (0, 1].
        sigma: Width, in (0, 1].
        times: Of the updates, in (0, 1].

    Raises:
        ValueError: If ``mu`` or ``sigma`` is out of range.
    """

    def __init__(
        self,
        model: nn.Module,
        mu: float = MU,
        sigma: float = SIGMA,
        times: Sequence[float] = (),
    ) -> None:
        super().__init__(model)
        check_fractions(mu=mu, sigma=sigma)
        self.mu, self.sigma, self.times = mu, sigma, times

    def share(self, update: int) -> float:
        """Return the share of an update in the average that it ends.

        Args:
            update: i, counted from 0.
        """
        times = torch.tensor(
            [self.times[i] for i in range(update + 1)], dtype=torch.float64
        )
        log_w = -((times - self.mu) ** 2) / (2 * self.sigma**2)
        # exp(log_w) / its sum, also where a narrow Gaussian underflows
        return log_w.softmax(0)[-1].item()

    def move(
        self, average: list[Tensor], source: list[Tensor], update: int
    ) -> None:
        """Move the average towards new weights, in place."""
        torch._foreach_lerp_(average, source, self.share(update))


def check_fractions(**fractions: float) -> None:
    """Refuse values that are no fractions of a run.

    Raises:
        ValueError: If one is not in (0, 1]; it is named.
    """
    for name, value in fractions.items():
        if not 0 < value <= 1:
            raise ValueError(
                f'{name} is a fraction of the run, not an epoch: need '
                f'0 < {name} <= 1, got {value}'
            )
