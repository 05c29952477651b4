"""Single steps from the weights to the fast weights."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

InnerStep = Callable[
    [Tensor, Tensor, dict[str, Any], dict[str, Any], float], None
]


def sgd_step(
    param: Tensor,
    grad: Tensor,
    state: dict[str, Any],
    group: dict[str, Any],
    lr: float,
) -> None:
    r"""Take a plain gradient step, :math:`\theta - \alpha g`, in place.

    Source: MAML (ICML 2017), and Open-MeDe (ICCV 2025) Eq. 6 read literally.
    ``state`` and ``group`` are not needed.
    """
    param.add_(grad, alpha=-lr)


def adamw_step(
    param: Tensor,
    grad: Tensor,
    state: dict[str, Any],
    group: dict[str, Any],
    lr: float,
) -> None:
    """Take the step the outer AdamW would take now, in place.

    A virtual step: it starts from the present moments of the optimizer and
    leaves them as they are. Weight decay is part of it.

    Source: Open-MeDe (ICCV 2025), section 4.1, "learning rates of inner and
    outer loops [...] utilizing the AdamW optimizer". The paper does not say
    whether the inner loop has moments of its own; here it has not.

    Args:
        param: Weights, any shape, changed in place.
        grad: Gradient of the shape of ``param``, unscaled.
        state: The optimizer's state of ``param``; empty before its first
            step.
        group: The optimizer's parameter group of ``param``.
        lr: Step size.
    """
    beta1, beta2 = group['betas']
    steps = float(state['step']) + 1 if state else 1.0
    mean = state['exp_avg'] if state else torch.zeros_like(param)
    square = state['exp_avg_sq'] if state else torch.zeros_like(param)
    mean = mean.lerp(grad, 1 - beta1)
    square = (square * beta2).addcmul_(grad, grad, value=1 - beta2)
    denominator = square.sqrt_().div_((1 - beta2**steps) ** 0.5)
    denominator.add_(group['eps'])
    param.mul_(1 - lr * group['weight_decay'])
    param.addcdiv_(mean, denominator, value=-lr / (1 - beta1**steps))


INNER_STEPS: dict[str, InnerStep] = {'adamw': adamw_step, 'sgd': sgd_step}
