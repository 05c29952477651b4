"""The loss around a model, in the plane of two of its gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner, set_random_seed
from torch import Tensor, nn

from mmovar.engine.loops.cross_batch_train_loop import split_tasks
from mmovar.engine.run_options import fill_options
from mmovar.models import CLIPRecognizer
from mmovar.visualization.landscape import Landscape

Loss = Callable[[], Tensor]


def loss_landscape(
    model: CLIPRecognizer,
    support: Any,
    query: Any,
    steps: int = 15,
    radius: float = 0.02,
) -> Landscape:
    r"""Compute two losses around the weights that a model tunes.

    The plane is that of the descent directions :math:`-g_S` and :math:`-g_Q`
    of a support and a query batch at the weights themselves.

    Args:
        model: A ``CLIPRecognizer`` with a vocabulary; its weights are back
            afterwards.
        support: A batch of its training data.
        query: Another.
        steps: Points along each axis, >= 3.
        radius: Half the width of the plane, as a share of the norm of the
            tuned weights.

    Raises:
        ValueError: If ``steps`` or ``radius`` is out of range, or nothing is
            tuned.
    """
    from tqdm import tqdm

    if steps < 3 or not 0 < radius < float('inf'):
        raise ValueError(
            f'steps must be >= 3, radius in (0, inf), got {steps} and {radius}'
        )
    tuned = [p for p in model.parameters() if p.requires_grad]
    if not tuned:
        raise ValueError(f'{type(model).__name__} tunes no weight')
    training = model.training
    model.train()
    losses = {
        'support': _loss_of(model, support),
        'query': _loss_of(model, query),
    }
    plane = _Plane(tuned, *(_descent(loss, tuned) for loss in losses.values()))
    offsets = np.linspace(-1, 1, steps)
    found = {name: np.zeros((steps, steps)) for name in losses}
    size = radius * _norm(tuned)
    points = tqdm(np.ndindex(steps, steps), 'loss', steps**2, unit='point')
    with torch.no_grad():
        try:
            for row, column in points:
                plane.move(size * offsets[column], size * offsets[row])
                for name, loss in losses.items():
                    found[name][row, column] = float(loss())
        finally:
            plane.move(0.0, 0.0)
            model.train(training)
    shares = 100 * radius * offsets
    return Landscape(
        shares,
        shares,
        found,
        {'support': (1.0, 0.0), 'query': plane.second},
        '% of the norm of the weights',
    )


def episode_of(
    model: CLIPRecognizer, config: Config, seed: int = 0
) -> tuple[Any, Any]:
    """Read support and query batch of a training; set the vocabulary.

    Args:
        model: The model that will train on them.
        config: With ``train_dataloader``; the batch is halved.
        seed: Of the order of videos and their augmentation.

    Raises:
        ValueError: If the batch is a single video.
    """
    init_default_scope(config.get('default_scope', 'mmaction'))
    set_random_seed(seed)
    loader = Runner.build_dataloader(
        fill_options(config.train_dataloader, config), seed=seed
    )
    model.set_vocabulary(loader.dataset.metainfo['classes'])
    task = split_tasks(next(iter(loader)), num_tasks=1)[0]
    if 'query' not in task:
        raise ValueError('train_dataloader.batch_size must be 2 or more')
    return task['support'], task['query']


class _Plane:
    """Weights in the plane of two directions.

    Args:
        tuned: The parameters.
        first: Unit direction of the x axis.
        second: Unit direction; what of it is at a right angle to the first
            is that of the y axis.

    Attributes:
        second: The second direction in the plane.
    """

    def __init__(
        self,
        tuned: list[nn.Parameter],
        first: list[Tensor],
        second: list[Tensor],
    ) -> None:
        self._tuned = tuned
        self._theta = [p.detach().clone() for p in tuned]
        along = sum(
            float((a * b).sum()) for a, b in zip(first, second, strict=True)
        )
        rest = [b - along * a for a, b in zip(first, second, strict=True)]
        across = _norm(rest)
        self.second = along, across
        self._axes = first, [r / max(across, 1e-12) for r in rest]

    def move(self, x: float, y: float) -> None:
        """Put the weights at a place of the plane."""
        with torch.no_grad():
            for param, theta, a, b in zip(
                self._tuned, self._theta, *self._axes, strict=True
            ):
                param.copy_(theta)
                param.add_(a, alpha=float(x)).add_(b, alpha=float(y))


def _loss_of(model: CLIPRecognizer, batch: Any) -> Loss:
    """Return what computes the loss of a batch, always with equal draws."""
    data = model.data_preprocessor(batch, training=True)

    def compute() -> Tensor:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return model.parse_losses(model(**data, mode='loss'))[0]

    return compute


def _descent(loss: Loss, tuned: list[nn.Parameter]) -> list[Tensor]:
    """Return the unit direction of steepest descent."""
    gradients = torch.autograd.grad(loss(), tuned, materialize_grads=True)
    norm = _norm(gradients)
    return [-g / norm for g in gradients]


def _norm(tensors: Any) -> float:
    norms = [torch.linalg.vector_norm(t.detach().float()) for t in tensors]
    return float(torch.linalg.vector_norm(torch.stack(norms)))
