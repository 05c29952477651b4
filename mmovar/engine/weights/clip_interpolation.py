"""Weights on the line from a model to its CLIP origin."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class ClipInterpolation:
    r"""Move a model to :math:`(1-\alpha)\theta_{CLIP} + \alpha\theta`.

    Only parameters that train move; all others stay as they are, and so do
    parameters that CLIP lacks. Kept are two copies of those that move, on
    their device and in their dtype: CLIP's, and :math:`\theta` to return to.

    Args:
        model: The model, not wrapped.
        theta_clip: CLIP's weights under the model's names.

    Attributes:
        strays: Names of frozen parameters that differ from CLIP's.

    Raises:
        ValueError: If the model lacks a weight of CLIP or has it in another
            shape, or none of CLIP's weights trains.
    """

    def __init__(
        self, model: nn.Module, theta_clip: Mapping[str, Tensor]
    ) -> None:
        present = model.state_dict()
        parameters = dict(model.named_parameters())
        self.strays: list[str] = []
        self._parameters: list[Tensor] = []
        self._clip: list[Tensor] = []
        for name, value in theta_clip.items():
            if name not in present or present[name].shape != value.shape:
                shape = tuple(present[name].shape) if name in present else None
                raise ValueError(
                    f'CLIP weight {name!r} of shape {tuple(value.shape)} has '
                    f'no place in {type(model).__name__}, whose own is {shape}'
                )
            value = value.to(present[name])
            if name in parameters and parameters[name].requires_grad:
                self._parameters.append(parameters[name])
                self._clip.append(value.clone())
            elif not torch.equal(value, present[name]):
                self.strays.append(name)
        if not self._parameters:
            raise ValueError(
                f'no parameter of {type(model).__name__} that trains is one '
                'of CLIP'
            )
        self._theta: list[Tensor] = []

    @contextmanager
    def at(self, alpha: float) -> Iterator[None]:
        """Move the weights inside the block; restored exactly after it.

        Args:
            alpha: Share of the model's own weights, 0..1.
        """
        if not self._theta:
            self._theta = [torch.empty_like(p) for p in self._parameters]
        with torch.no_grad():
            torch._foreach_copy_(self._theta, self._parameters)
        try:
            with torch.no_grad():
                torch._foreach_lerp_(self._parameters, self._clip, 1 - alpha)
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self._parameters, self._theta)
