"""Steps of an optimizer that are taken along finite gradients only."""

import functools
import math
from typing import Any

import torch
from mmengine.optim import OptimWrapper
from torch import Tensor
from torch.nn.utils import get_total_norm


class FiniteSteps:
    """Skip the steps of a wrapper whose loss or gradient is not finite.

    Weights and moments stay as they are, and the gradient is dropped. This
    covers ``backward`` and ``step`` of one wrapper, of whatever class: a loss
    that is not finite gets a gradient that is not, so micro-batches that are
    accumulated, passes of other hooks and, through their exchange of
    gradients, all ranks share one verdict without another message. Gradients
    of finite losses are the same bit by bit.

    The device is waited for once before each step, as clipping and loss
    scaling do anyway.

    Args:
        wrapper: Whose ``backward``, ``step`` and ``optimizer.step`` are
            covered for good.

    Attributes:
        steps: Taken or skipped.
        skipped: Of them, for want of a finite loss, gradient or rate.
        rescaled: Of them, left out by a loss scaler that lowers its scale and
            is still above 1; no fault.
        in_a_row: Skipped since the last step taken.
    """

    def __init__(self, wrapper: OptimWrapper) -> None:
        self.steps = self.skipped = self.rescaled = self.in_a_row = 0
        self._wrapper = wrapper
        self._taken = False
        vars(wrapper).update(
            backward=self._cover_backward(wrapper.backward),
            step=self._count(wrapper.step),
        )
        optimizer = wrapper.optimizer
        vars(optimizer).update(step=self._cover_step(optimizer.step))

    def _cover_backward(self, backward: Any) -> Any:
        @functools.wraps(backward)
        def poisoned(loss: Tensor, **kwargs: Any) -> None:
            # the factor is 1 if the loss is finite, else NaN
            backward(loss * (1 + 0 * loss.detach()), **kwargs)

        return poisoned

    def _cover_step(self, step: Any) -> Any:
        @functools.wraps(step)
        def finite_only(*args: Any, **kwargs: Any) -> Any:
            self._unscale()
            self._taken = self._is_finite()
            return step(*args, **kwargs) if self._taken else None

        return finite_only

    def _count(self, step: Any) -> Any:
        @functools.wraps(step)
        def counted(**kwargs: Any) -> None:
            self._taken = False  # a loss scaler may not ask the optimizer
            step(**kwargs)
            self.steps += 1
            if self._taken:
                self.in_a_row = 0
            elif self._scale_falls():
                self.rescaled += 1
            else:
                self.skipped += 1
                self.in_a_row += 1

        return counted

    def _unscale(self) -> None:
        """Divide gradients by what a scaler leaves to a fused optimizer.

        A norm that overflows for the scale alone would never lower it.
        """
        optimizer: Any = self._wrapper.optimizer
        scale, grads = getattr(optimizer, 'grad_scale', None), self._grads()
        if scale is not None and grads:
            torch._foreach_div_(grads, scale)
            optimizer.grad_scale = None

    def _is_finite(self) -> bool:
        groups = self._wrapper.optimizer.param_groups
        if not all(math.isfinite(group['lr']) for group in groups):
            return False
        # a norm that overflows would leave Adam's second moments infinite
        return bool(get_total_norm(self._grads()).isfinite())

    def _grads(self) -> list[Tensor]:
        return [
            param.grad
            for group in self._wrapper.optimizer.param_groups
            for param in group['params']
            if param.grad is not None
        ]

    def _scale_falls(self) -> bool:
        """Tell whether a loss scaler still looks for its scale."""
        scaler = getattr(self._wrapper, 'loss_scaler', None)
        if scaler is None or not scaler.is_enabled():
            return False
        dynamic = getattr(self._wrapper, '_scale_update_param', None) is None
        return dynamic and scaler.get_scale() >= 1
