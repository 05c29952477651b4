"""Rows of a tensor that differ from one sequence to the next."""

from torch import Tensor


def take_rows(x: Tensor, index: Tensor) -> Tensor:
    """Pick rows of each sequence.

    Indexing does the same, but sorts its places in the backward pass on a
    GPU; ``take_along_dim`` wraps negative places first.

    Args:
        x: (..., N, D).
        index: Rows to pick, 0..N-1, that broadcast to (..., M).

    Returns:
        (..., M, D).
    """
    index = index.expand(*x.shape[:-2], -1).unsqueeze(-1)
    return x.gather(-2, index.expand(*index.shape[:-1], x.shape[-1]))
