"""Text whose first tokens are the same for many classes.

The mask of CLIP's text tower is causal, so the rows of tokens that all classes
begin with ("a photo of a", or learned vectors) are the same for all of them in
every layer: the *prefix*. What is behind them, the *suffix*, sees the prefix
as keys and values only, its KV cache. In the last layer only the row of the
end of text is read. Functions here run a block on these parts; together they
compute what the block computes on the whole sequence. Shapes: N classes, P
tokens of prefix, S of suffix, h heads of d channels, D = h d; leading
dimensions broadcast, so that one suffix can meet the prefixes of several
videos.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .rows import take_rows
from .transformer import Block

PrefixChange = Callable[[int, Tensor], Tensor]
KVCache = tuple[Tensor, Tensor]


class PartialAttention(NamedTuple):
    """Attention of ends of text in the last block, over the suffix alone.

    Its keys are summed up as one key of logit ``logit`` whose value is
    ``value``, which is exact; :func:`merge_lse` adds the prefix.

    Attributes:
        row: Input of the block (..., N, D).
        query: (..., N, h, d).
        value: Mean of the values of the suffix by attention (..., N, h, d).
        logit: Log of the sum of exponentials of its logits (..., N, h).
    """

    row: Tensor
    query: Tensor
    value: Tensor
    logit: Tensor


def shared_length(tokens: Tensor) -> int:
    """Count the tokens that all texts (N, L) begin with, ends excluded."""
    same = (tokens == tokens[:1]).all(dim=0).long().cumprod(dim=0)
    return min(int(same.sum()), int(tokens.argmax(dim=-1).min()))


def join(prefix: Tensor, suffix: Tensor) -> Tensor:
    """Put a prefix (1 or N, P, D) before each suffix (N, S, D)."""
    return torch.cat([prefix.expand(len(suffix), -1, -1), suffix], dim=1)


def row_at(x: Tensor, end: Tensor) -> Tensor:
    """Pick the row of each text at its end, (..., N, S, D) to (..., N, D)."""
    return take_rows(x, end.unsqueeze(-1)).squeeze(-2)


def keys_values(block: Block, prefix: Tensor) -> KVCache:
    """Compute keys and values of a prefix (..., P, D): (..., P, h, d)."""
    y = block.ln_1(prefix)
    _, k, v = block.attn.project(y, query=y[..., :0, :])
    return k, v


def run_prefix(block: Block, prefix: Tensor) -> tuple[KVCache, Tensor]:
    """Run a block on a prefix (..., P, D)."""
    q, k, v = block.attn.project(block.ln_1(prefix))
    mixed = block.attn.attend(q, k, v, causal=True)
    return (k, v), _finish(block, prefix, mixed)


def prefill(
    blocks: Sequence[Block],
    prefix: Tensor,
    replace: PrefixChange | None = None,
    first: int = 0,
) -> list[KVCache]:
    """Run all blocks on a prefix; keep the keys and values of each.

    Args:
        blocks: Of the text tower, or its last ones.
        prefix: Input of the first of the blocks (..., P, D).
        replace: Changes the input (..., P, D) of block i, if given.
        first: Index of the first of the blocks.

    Returns:
        Keys and values (..., P, h, d) in each block.
    """
    cache: list[KVCache] = []
    for i, block in enumerate(blocks, start=first):
        prefix = replace(i, prefix) if replace else prefix
        if len(cache) == len(blocks) - 1:
            return [*cache, keys_values(block, prefix)]
        seen, prefix = run_prefix(block, prefix)
        cache.append(seen)
    return cache


def run_suffix(block: Block, cache: KVCache, suffix: Tensor) -> Tensor:
    """Run a block on suffixes behind a prefix.

    Args:
        block: Of the text tower.
        cache: Keys and values of the prefix, (..., N or 1, P, h, d).
        suffix: (..., N, S, D).

    Returns:
        (..., N, S, D), with the leading dimensions of both.
    """
    q, k, v = block.attn.project(block.ln_1(suffix))
    lead = torch.broadcast_shapes(cache[0].shape[:-3], k.shape[:-3])
    k, v = (
        torch.cat([_expand(p, lead), _expand(s, lead)], dim=-3)
        for p, s in zip(cache, (k, v), strict=True)
    )
    length, total = suffix.shape[-2], k.shape[-3]
    mask = torch.ones(length, total, dtype=torch.bool, device=q.device)
    mask = mask.tril(total - length)
    mixed = block.attn.attend(_expand(q, lead), k, v, mask=mask)
    return _finish(block, suffix, mixed)


def attend_suffix(
    block: Block, suffix: Tensor, end: Tensor
) -> PartialAttention:
    """Begin the last block for the ends of text of suffixes.

    Args:
        block: The last one of the text tower.
        suffix: (..., N, S, D).
        end: Position of the end in each suffix (N,).
    """
    y = block.ln_1(suffix)
    q, k, v = block.attn.project(y, query=row_at(y, end).unsqueeze(-2))
    q = q.squeeze(-3)
    behind = torch.arange(suffix.shape[-2], device=end.device) > end[:, None]
    logits = _logits(q, k).masked_fill(behind[:, None, :], float('-inf'))
    logit = logits.logsumexp(dim=-1)
    weights = (logits - logit.unsqueeze(-1)).exp()
    return PartialAttention(row_at(suffix, end), q, _mix(weights, v), logit)


def merge_lse(
    block: Block, partial: PartialAttention, cache: KVCache
) -> Tensor:
    """Finish the last block for ends of text: attend to the prefix too.

    Args:
        block: The last one of the text tower.
        partial: See :func:`attend_suffix`.
        cache: Keys and values of the prefix, (..., N or 1, P, h, d).

    Returns:
        Output of the block at the ends (..., N, D).
    """
    k, v = cache
    logits = _logits(partial.query, k)
    logit = partial.logit.to(logits.dtype).expand(logits.shape[:-1])
    weights = torch.cat([logit.unsqueeze(-1), logits], dim=-1).softmax(-1)
    mixed = weights[..., :1].to(v.dtype) * partial.value.to(v.dtype)
    mixed = mixed + _mix(weights[..., 1:], v)
    return _finish(block, partial.row, mixed)


def encode_suffixes(
    blocks: Sequence[Block],
    cache: Iterable[KVCache],
    suffix: Tensor,
    end: Tensor,
) -> Tensor:
    """Run all blocks on suffixes, the last one at their ends only.

    Args:
        blocks: Of the text tower, or its last ones.
        cache: Keys and values of the prefix in each block.
        suffix: Input of the first of the blocks (..., N, S, D).
        end: Position of the end in each suffix (N,).

    Returns:
        Output of the last block at the ends (..., N, D).
    """
    *first, (last, last_cache) = zip(blocks, cache, strict=True)
    for block, keys in first:
        suffix = run_suffix(block, keys, suffix)
    return merge_lse(last, attend_suffix(last, suffix, end), last_cache)


def _finish(block: Block, x: Tensor, mixed: Tensor) -> Tensor:
    """Add attention's output (..., h, d) and the MLP to the residual."""
    x = x + block.attn.out_proj(mixed.flatten(-2))
    return x + block.mlp(block.ln_2(x))


def _expand(x: Tensor, lead: Sequence[int]) -> Tensor:
    return x.expand(*lead, *x.shape[-3:])


def _logits(query: Tensor, keys: Tensor) -> Tensor:
    """Scale products of (..., N, h, d) and (..., N, K, h, d), >= fp32."""
    logits = torch.einsum('...nhd,...nkhd->...nhk', query, keys)
    logits = logits * query.shape[-1] ** -0.5
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def _mix(weights: Tensor, values: Tensor) -> Tensor:
    """Mix values (..., N, K, h, d) by weights (..., N, h, K)."""
    weights = weights.to(values.dtype)
    return torch.einsum('...nhk,...nkhd->...nhd', weights, values)
