"""Bipartite matching of tokens: TC-CLIP's aggregation."""

import torch
import torch.nn.functional as F
from torch import Tensor


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
    cluster = torch.arange(count, device=seeds.device)
    cluster = cluster.expand(len(seeds), -1)
    while count > clusters:
        merged = min(step, count // 2, count - clusters)
        sums, place = _merge(sums, merged)
        cluster = place.gather(1, cluster)
        count -= merged
    return cluster


def _merge(sums: Tensor, merged: int) -> tuple[Tensor, Tensor]:
    """Run one round.

    Args:
        sums: Sums of the seeds of each token, (B, t, D).
        merged: Number r of tokens to merge.

    Returns:
        The sums afterwards, (B, t - r, D), and the place of each token in
        them, (B, t).
    """
    unit = F.normalize(sums, dim=-1)
    similarity = unit[:, ::2] @ unit[:, 1::2].transpose(1, 2)
    best, partner = similarity.max(dim=-1)
    edges = best.argsort(dim=-1, descending=True, stable=True)
    merging, kept = edges[:, :merged], edges[:, merged:]
    even, odd = sums[:, ::2], sums[:, 1::2]

    # a product with zeros and ones: atomic additions on a GPU would come in
    # another order each time, and with them near-ties
    target = F.one_hot(partner.gather(1, merging), odd.shape[1])
    moved = even.take_along_dim(merging[..., None], dim=1)
    odd = odd + target.to(odd.dtype).transpose(1, 2) @ moved

    place = sums.new_empty(sums.shape[:2], dtype=torch.long)
    place[:, 1::2] = torch.arange(odd.shape[1], device=place.device)
    place[:, 1::2] += kept.shape[1]
    new = torch.arange(kept.shape[1], device=place.device).expand_as(kept)
    place[:, ::2] = (partner + kept.shape[1]).scatter(1, kept, new)
    even = even.take_along_dim(kept[..., None], dim=1)
    return torch.cat([even, odd], dim=1), place
