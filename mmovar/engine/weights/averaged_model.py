"""Averaged models that take in new weights in few kernels."""

from abc import abstractmethod

import torch
from mmengine.model import BaseAveragedModel
from torch import Tensor, nn


class AveragedModel(BaseAveragedModel):
    """MMEngine's averaged model, updated as a list and not in a loop.

    Buffers are those of the last model. An update needs a copy of the weights
    for a moment.
    """

    @abstractmethod
    def move(
        self, average: list[Tensor], source: list[Tensor], update: int
    ) -> None:
        """Move the average towards new weights, in place.

        Args:
            average: All weights.
            source: The new ones, in the same order.
            update: Counted from 0, which copies; >= 1.
        """

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Take in the weights of a model."""
        given = dict(model.named_parameters())
        average = list(self.avg_parameters.values())
        source = [
            given[k].to(p.device) for k, p in self.avg_parameters.items()
        ]
        if self.steps == 0:
            torch._foreach_copy_(average, source)
        else:
            self.move(average, source, int(self.steps))
        pairs = zip(self.module.buffers(), model.buffers(), strict=True)
        for own, new in pairs:
            own.copy_(new)
        self.steps += 1


class UniformWeightAverage(AveragedModel):
    """The mean; MMEngine's ``StochasticWeightAverage`` bit by bit."""

    def move(
        self, average: list[Tensor], source: list[Tensor], update: int
    ) -> None:
        """Move the average towards new weights, in place."""
        steps = torch._foreach_sub(source, average)
        torch._foreach_add_(average, steps, alpha=1 / (update + 1))
