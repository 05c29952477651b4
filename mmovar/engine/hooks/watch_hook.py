"""Scalars to watch a training by."""

import math
from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor, nn

from ..interfaces import MetaStepper
from ..unwrap_model import unwrap_model


def gradient_cosine(support: Tensor, query: Tensor) -> float:
    """Compute the cosine of two gradients, each the mean over processes.

    Args:
        support: Of this process, shape (N,); the mean takes its place.
        query: The same.

    Returns:
        In -1..1; not finite if a gradient is zero or not finite.
    """
    for gradient in (support, query):
        all_reduce(gradient, op='mean')
    return float(support @ query / (support.norm() * query.norm()))


@HOOKS.register_module()
class WatchHook(Hook):
    r"""Log the distance to CLIP and the cosine of the two gradients.

    Every ``interval`` iterations, for all loggers and back ends:

    - ``clip_distance``, :math:`||\theta - \theta_{CLIP}|| /
      ||\theta_{CLIP}||` after the step, over the weights of CLIP that train.
      Not logged if none of them does.
    - ``gradient_cosine``, the cosine of support and query gradient in a
      meta step (``CrossBatchMetaOptimWrapper``), of the last task if a
      process has several. Not logged for other steps.

    Training is the same with and without it, number for number. An iteration
    that is measured keeps two copies of the gradients for its length (three
    with several tasks), exchanges both between processes, and reads CLIP's
    weights, which are kept in main memory, once.

    The configs have it with ``--cfg-options watch=50``.

    Args:
        interval: Iterations from one measurement to the next; 0 measures
            nothing. None takes ``watch`` of the config, without one 0.

    Raises:
        ValueError: Before a run, if the interval is negative; before
            training, if the model was built without CLIP weights.
    """

    def __init__(self, interval: int | None = None) -> None:
        self.interval = interval
        self._pairs: list[tuple[nn.Parameter, Tensor]] = []
        self._gradients: dict[str, Tensor] = {}

    def before_run(self, runner: Runner) -> None:
        """Read the interval from the config, unless it is given."""
        if self.interval is None:
            self.interval = runner.cfg.get('watch', 0)
        if not self.interval >= 0:
            raise ValueError(f'watch must be >= 0, got {self.interval}')

    def before_train(self, runner: Runner) -> None:
        """Read CLIP's weights."""
        if not self.interval:
            return
        model = unwrap_model(runner.model)
        tuned = {n: p for n, p in model.named_parameters() if p.requires_grad}
        self._pairs = [
            (tuned[name], value)
            for name, value in model.clip_state_dict().items()
            if name in tuned
        ]

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Ask for the gradients of this iteration, where they are due."""
        if isinstance(runner.optim_wrapper, MetaStepper):
            due = self.every_n_train_iters(runner, self.interval)
            runner.optim_wrapper.watch = (
                self._gradients.__setitem__ if due else None
            )

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Log what is due."""
        if not self.every_n_train_iters(runner, self.interval):
            return
        found: dict[str, Any] = {}
        if self._pairs:
            found['clip_distance'] = self._clip_distance()
        if 'query' in self._gradients:
            found['gradient_cosine'] = gradient_cosine(**self._gradients)
        self._gradients.clear()
        for name, value in found.items():
            if math.isfinite(value):
                runner.message_hub.update_scalar(f'train/{name}', value)

    @torch.no_grad()
    def _clip_distance(self) -> float:
        moved, origin = [], []
        for param, clip in self._pairs:
            there = clip.to(param, non_blocking=True)
            moved.append(torch.linalg.vector_norm(param - there))
            origin.append(torch.linalg.vector_norm(there))
        norms = (
            torch.linalg.vector_norm(torch.stack(parts))
            for parts in (moved, origin)
        )
        distance, size = map(float, norms)
        return distance / size if size else math.inf
