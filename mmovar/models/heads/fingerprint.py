"""A number that changes when weights change."""

from collections.abc import Iterable

import torch
from torch import Tensor

_BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


def fingerprint(tensors: Iterable[Tensor]) -> tuple[int, ...]:
    """Sum the bit patterns of each tensor.

    One pass over memory (about 20 ms for a CLIP text tower on a CPU). It sees
    edits through ``.data``, as MMEngine's weight swaps do them, which
    PyTorch's version counters do not.

    Args:
        tensors: Floating point tensors.

    Returns:
        One integer a tensor.
    """
    sums = [
        t.detach().view(_BITS[t.element_size()]).sum(dtype=torch.int64)
        for t in tensors
    ]
    return tuple(torch.stack(sums).tolist())
