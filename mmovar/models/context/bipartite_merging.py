"""Bipartite matching of tokens: TC-CLIP's aggregation."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmovar.clip.rows import take_rows

from .membership import membership


def bipartite_merging(
    seeds: Tensor, patches: Tensor, clusters: int, step: int = 100
) -> Tensor:
    """Merge the most similar tokens, ``step`` in a round.

    In each round the tokens are split by position, even against odd. Each
    even one finds the odd one of highest cosine similarity, and the ``step``
    even ones of highest similarity are merged into theirs. The next round's
    order is: even tokens that are left, most similar first, then the odd
    ones. A merged token stands for the mean of all seeds in it.

    The order decides the next split, so that one near-tie that falls the
    other way changes many clusters.

    Where a round cannot merge ``step`` tokens, since half of the tokens are
    fewer, rounds go on until ``clusters`` are left; the released code stops
    with more of them. At TC-CLIP's sizes this does not occur.

    Source: TC-CLIP (ECCV 2024), section 3.2 and appendix D; ToMe (ICLR 2023)
    for the matching.

    Args:
        seeds: (B, n, D).
        patches: Unused; the signature of all aggregations.
        clusters: K, at most n.
        step: Tokens merged in a round.

    Returns:
        Cluster of each seed, (B, n), 0..K-1.
    """
    sums = seeds  # a cosine is the same for sums as for means
    count = seeds.shape[1]
    steps = torch.arange(count, device=seeds.device)
    cluster = steps.expand(len(seeds), -1)
    while count > clusters:
        merged = min(step, count // 2, count - clusters)
        partner, edges = _match(sums)
        place = _places(partner, edges[:, merged:], steps[: count - merged])
        cluster = place.gather(1, cluster)
        count -= merged
        if count > clusters:
            sums = _merge(sums, partner, edges, merged)
    return cluster


def _match(sums: Tensor) -> tuple[Tensor, Tensor]:
    """Find the most similar odd token of each even one.

    Args:
        sums: Sums of the seeds of each token, (B, t, D).

    Returns:
        The odd tokens, and the even ones in order of that similarity, both
        (B, ceil(t / 2)).
    """
    unit = F.normalize(sums, dim=-1)
    similarity = unit[:, ::2] @ unit[:, 1::2].transpose(1, 2)
    best, partner = similarity.max(dim=-1)
    return partner, best.argsort(dim=-1, descending=True, stable=True)


def _places(partner: Tensor, kept: Tensor, steps: Tensor) -> Tensor:
    """Find the place of each of t tokens once r are merged, (B, t).

    Args:
        partner: See :func:`_match`.
        kept: Even tokens that are left, (B, k).
        steps: The new places, 0..t-r-1.
    """
    left = kept.shape[1]
    odd = len(steps) - left
    place = partner.new_empty(len(partner), partner.shape[1] + odd)
    place[:, 1::2] = steps[left:]
    new = steps[:left].expand_as(kept)
    place[:, ::2] = (partner + left).scatter(1, kept, new)
    return place


def _merge(
    sums: Tensor, partner: Tensor, edges: Tensor, merged: int
) -> Tensor:
    """Merge the first r even tokens into their partners, (B, t - r, D)."""
    even, odd = take_rows(sums[:, ::2], edges), sums[:, 1::2]
    # a product with zeros and ones: atomic additions on a GPU would come in
    # another order each time, and with them near-ties
    target = partner.gather(1, edges[:, :merged])
    target = membership(target, odd.shape[1], odd.dtype)
    odd = odd + target.transpose(1, 2) @ even[:, :merged]
    return torch.cat([even[:, merged:], odd], dim=1)
