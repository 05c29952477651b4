"""Averages of saved weights, as the hooks collect them in training."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .averaged_model import AveragedModel, UniformWeightAverage
from .gaussian_weight_average import GaussianWeightAverage

KINDS: dict[str, type[AveragedModel]] = {
    'uniform': UniformWeightAverage,
    'gaussian': GaussianWeightAverage,
}
"""Name to averaged model; the hooks use the same."""


def average_state_dicts(
    state_dicts: Iterable[dict[str, Tensor]], kind: str, **settings: Any
) -> dict[str, Tensor]:
    """Average weights in the order given, see :func:`running_averages`.

    Returns:
        The average of all.

    Raises:
        ValueError: As :func:`running_averages`, or if there is nothing to
            average.
    """
    average = None
    for so_far in running_averages(state_dicts, kind, **settings):
        average = so_far
    if average is None:
        raise ValueError('there are no weights to average')
    return average


def running_averages(
    state_dicts: Iterable[dict[str, Tensor]], kind: str, **settings: Any
) -> Iterator[dict[str, Tensor]]:
    """Average weights in the order given, one at a time.

    The arithmetic is that of the averaged model the hooks use, hence equal
    to theirs bit by bit. Tensors that are not of floating point come from
    the last. So do buffers in the hooks; a state dict does not tell which
    they are, and here those of floating point are averaged.

    Args:
        state_dicts: All with the same keys and shapes. Only one is needed in
            memory at a time.
        kind: One of :data:`KINDS`.
        settings: ``mu``, ``sigma`` and ``times`` of ``'gaussian'``.

    Yields:
        The average of those so far, after each; its memory is used again by
        the next.

    Raises:
        ValueError: If ``kind`` or a setting is out of range, or keys or
            shapes differ.
    """
    if kind not in KINDS:
        raise ValueError(f'kind {kind!r} is none of {list(KINDS)}')
    average, shapes = None, {}
    for index, state_dict in enumerate(state_dicts):
        found = {key: value.shape for key, value in state_dict.items()}
        if average is None:
            average = KINDS[kind](_Tensors(state_dict), **settings)
            shapes = found
        elif found != shapes:
            differ = sorted(dict(found.items() ^ shapes.items()))
            raise ValueError(
                f'weights {index} have other keys or shapes than the first: '
                f'{differ[:3]}'
            )
        average.update_parameters(_Tensors(state_dict))
        so_far = copy.copy(state_dict)  # keeps its metadata: the class names
        so_far.update(zip(shapes, average.module.tensors(), strict=True))
        yield so_far


class _Tensors(nn.Module):
    """A list of tensors that looks like a model."""

    def __init__(self, state_dict: Mapping[str, Tensor]) -> None:
        super().__init__()
        for index, value in enumerate(state_dict.values()):
            if torch.is_floating_point(value):
                param = nn.Parameter(value, requires_grad=False)
                self.register_parameter(str(index), param)
            else:
                self.register_buffer(str(index), value)
        self._size = len(state_dict)

    def tensors(self) -> list[Tensor]:
        """Return the tensors in the order of the state dict."""
        return [getattr(self, str(i)).detach() for i in range(self._size)]
