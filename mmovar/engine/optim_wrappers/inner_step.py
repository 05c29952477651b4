"""Single steps from the weights to the fast weights."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim.adamw import adamw

InnerStep = Callable[
    [list[Tensor], list[Tensor], list[dict[str, Any]], dict[str, Any], float],
    None,
]


def copies(tensors: list[Tensor]) -> list[Tensor]:
    """Copy tensors in few kernels."""
    return list(torch._foreach_mul(tensors, 1))


def sgd_step(
    params: list[Tensor],
    grads: list[Tensor],
    states: list[dict[str, Any]],
    group: dict[str, Any],
    lr: float,
) -> None:
    r"""Take a plain gradient step, :math:`\theta - \alpha g`, in place.

    Source: MAML (ICML 2017), and Open-MeDe (ICCV 2025) Eq. 6 read literally.
    ``states`` and ``group`` are not needed.
    """
    torch._foreach_add_(params, grads, alpha=-lr)


def adamw_step(
    params: list[Tensor],
    grads: list[Tensor],
    states: list[dict[str, Any]],
    group: dict[str, Any],
    lr: float,
) -> None:
    """Take the step the outer AdamW would take now, in place.

    A virtual step: it starts from the present moments of the optimizer and
    leaves them as they are. Weight decay is part of it. It is computed as the
    outer step is, on copies of the moments.

    Source: Open-MeDe (ICCV 2025), section 4.1, "learning rates of inner and
    outer loops [...] utilizing the AdamW optimizer". The paper does not say
    whether the inner loop has moments of its own; here it has not.

    Args:
        params: Weights, any shapes, changed in place.
        grads: Gradients of the shapes of ``params``, unscaled.
        states: The optimizer's states of ``params``; empty before their
            first step.
        group: The optimizer's parameter group of ``params``.
        lr: Step size.
    """
    pairs = zip(params, states, strict=True)
    full = [state or _first_state(p, group) for p, state in pairs]
    means, squares, steps = (
        copies([state[key] for state in full])
        for key in ('exp_avg', 'exp_avg_sq', 'step')
    )
    beta1, beta2 = group['betas']
    adamw(
        params,
        grads,
        means,
        squares,
        [],
        steps,
        foreach=group['foreach'],
        fused=group['fused'],
        capturable=group['capturable'],
        amsgrad=False,
        beta1=beta1,
        beta2=beta2,
        lr=lr,
        weight_decay=group['weight_decay'],
        eps=group['eps'],
        maximize=False,
    )


def _first_state(param: Tensor, group: dict[str, Any]) -> dict[str, Tensor]:
    on_device = group['fused'] or group['capturable']
    return dict(
        exp_avg=torch.zeros_like(param),
        exp_avg_sq=torch.zeros_like(param),
        step=torch.zeros((), device=param.device if on_device else 'cpu'),
    )


INNER_STEPS: dict[str, InnerStep] = {'adamw': adamw_step, 'sgd': sgd_step}
