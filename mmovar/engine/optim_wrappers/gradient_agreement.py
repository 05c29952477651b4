"""The angle between the two gradients of a meta step."""

import torch
from mmengine.dist import all_reduce_params, get_world_size
from torch import Tensor, nn


class GradientAgreement:
    r"""Measure :math:`\cos(g_S, g_Q)` of a task, from what is in ``.grad``.

    The query gradient is what the query pass adds, so nothing but copies of
    ``.grad`` is needed: one from the support to the query pass, two if there
    are earlier tasks in it. With several processes, gradients are the means
    over them, at the cost of one more all-reduce (two with several tasks).
    Nothing that the step reads is changed.

    Args:
        parameters: Of the optimizer.

    Attributes:
        wanted: Whether to measure the next episode.
        value: The latest cosine, a scalar on the device of the parameters;
            None if there is none yet. Not finite if a gradient is zero or
            not finite.
    """

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        self.wanted = False
        self.value: Tensor | None = None
        self._parameters = parameters
        self._support: list[Tensor] | None = None
        self._before: list[Tensor] | None = None

    @torch.no_grad()
    def keep_support(self) -> None:
        """Copy ``.grad``: the support gradient of the task alone."""
        self._support = self._copies()

    @torch.no_grad()
    def keep_before_query(self, more_than_support: bool) -> None:
        """Copy ``.grad``: all that is in it before the query pass.

        Args:
            more_than_support: Whether that differs from the support gradient.
        """
        self._before = self._copies() if more_than_support else self._support

    @torch.no_grad()
    def measure(self) -> None:
        """Compute the cosine, with what the query pass left in ``.grad``."""
        if self._support is None:
            return
        dots = torch.zeros(3, device=self._support[0].device)
        for param, support, before in zip(
            self._parameters, self._support, self._before, strict=True
        ):
            if param.grad is None:
                continue
            query = (param.grad - before).flatten()
            support = support.flatten()
            dots += torch.stack(
                [
                    torch.dot(support, query),
                    torch.dot(support, support),
                    torch.dot(query, query),
                ]
            ).to(dots)
        self.value = dots[0] / (dots[1] * dots[2]).sqrt()
        self.forget()

    def forget(self) -> None:
        """Drop the copies, and measure no longer."""
        self._support = self._before = None
        self.wanted = False

    def _copies(self) -> list[Tensor]:
        """Copy ``.grad`` of all parameters, averaged over processes."""
        copies = [
            torch.zeros_like(p) if p.grad is None else p.grad.clone()
            for p in self._parameters
        ]
        if get_world_size() > 1:
            all_reduce_params(copies, op='mean')
        return copies
