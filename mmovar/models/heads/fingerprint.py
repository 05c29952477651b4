"""A number that changes when weights change."""

from collections.abc import Iterable

import torch
from torch import Tensor

# float64 as two halves, whose sums do not overflow
_BITS = {2: torch.int16, 4: torch.int32, 8: torch.int32}


def fingerprint(tensors: Iterable[Tensor]) -> tuple[int, ...]:
    """Sum the bit patterns of each row of each tensor, weighted by its place.

    One pass over memory (about 20 ms for a CLIP text tower on a CPU). It sees
    edits through ``.data``, as MMEngine's weight swaps do them, which
    PyTorch's version counters do not. Changes of sign, which cancel in a
    plain sum, do not cancel here; it does not see an order within a row.

    Args:
        tensors: Floating point tensors.

    Returns:
        One integer a tensor.
    """
    return tuple(
        torch.stack([_sum_bits(t.detach()) for t in tensors]).tolist()
    )


def _sum_bits(tensor: Tensor) -> Tensor:
    rows = tensor.reshape(len(tensor) if tensor.ndim else 1, -1).contiguous()
    bits = rows.view(_BITS[rows.element_size()])
    sums = bits.sum(dim=1, dtype=torch.int64)
    return (sums * torch.arange(1, len(sums) + 1, device=sums.device)).sum()
