"""Full precision within automatic mixed precision."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def full_precision(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Compute a decision in at least float32, and without gradient.

    Which tokens are chosen and matched depends on the order of numbers that
    lie close together; in half precision many of them are equal.

    Args:
        tensors: Tensors of one device.

    Yields:
        The tensors; those of half precision as float32, all others as they
        are (float64 stays float64).
    """
    device = tensors[0].device.type
    with torch.no_grad(), torch.autocast(device, enabled=False):
        yield tuple(_at_least_float32(t) for t in tensors)


def _at_least_float32(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.half, torch.bfloat16) else x
