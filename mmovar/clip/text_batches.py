"""Which texts go through the text tower together: a choice by device.

``'by_length'`` is for a CPU, whose time goes with the tokens: texts of similar
length make a chunk, cut behind its own last end, and what all texts begin
with is computed once (:mod:`mmovar.clip.shared_prefix`). That leaves about
half of the tokens of 400 names in a template.

``'padded'`` is for a GPU, whose time goes with the launches of kernels at
these sizes: all texts make one batch, cut behind the last end of all, as far
as memory holds it. The prefix is computed in each text again: sharing it
saves a third of the tokens, but doubles the launches of a block (two
concatenations, a mask, and the run of the prefix).
"""

from typing import Literal

import torch
from torch import Tensor

Strategy = Literal['by_length', 'padded']

_CHUNK_SIZE = 256  # texts by length
_WORTH_A_CHUNK = 32  # texts of one length
_ALWAYS_FITS = 2**30  # bytes


def strategy_for(device: torch.device) -> Strategy:
    """Choose the strategy for a device."""
    return 'padded' if device.type == 'cuda' else 'by_length'


def default_chunk_size(
    strategy: Strategy, count: int, bytes_each: int, device: torch.device
) -> int:
    """Choose how many texts make one pass.

    Args:
        strategy: By length it is 256.
        count: Texts that there are.
        bytes_each: Memory that a text takes; half of what a GPU has free may
            be used, and a CPU holds all.
        device: Where.

    Returns:
        At least 1.
    """
    if strategy == 'by_length':
        return _CHUNK_SIZE
    if device.type != 'cuda' or count * bytes_each < _ALWAYS_FITS:
        return count
    free, _ = torch.cuda.mem_get_info(device)
    free += torch.cuda.memory_reserved(device)
    free -= torch.cuda.memory_allocated(device)
    return max(1, free // 2 // bytes_each)


def sort_by_length(tokens: Tensor, chunk_size: int) -> list[Tensor]:
    """Put texts (N, L) of similar length into chunks.

    Args:
        tokens: Token ids, on the CPU.
        chunk_size: Texts of a chunk at most. Texts of one length make a chunk
            of their own if they are enough.

    Returns:
        Indices of the texts of each chunk, by ascending length.
    """
    ends, order = tokens.argmax(dim=-1).sort()
    sizes = [0]
    for count in ends.unique_consecutive(return_counts=True)[1].tolist():
        if sizes[-1] >= _WORTH_A_CHUNK:
            sizes.append(0)
        sizes[-1] += count
    groups = order.split(sizes)
    return [chunk for group in groups for chunk in group.split(chunk_size)]


def restore_order(chunks: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Join chunks (index, (..., n, D)) to (..., N, D) in order of the index.

    Args:
        chunks: Indices that together are 0..N-1, and what they index.
    """
    order, values = (list(part) for part in zip(*chunks, strict=True))
    index, value = torch.cat(order), torch.cat(values, dim=-2)
    inverse = index.argsort()
    if inverse.equal(torch.arange(len(inverse))):
        return value
    inverse = inverse.to(value.device, non_blocking=True)
    return value.index_select(-2, inverse)
