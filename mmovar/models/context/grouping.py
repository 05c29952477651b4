"""Aggregations that ignore token features: tubes and random groups."""

import torch
from torch import Tensor


def temporal_tube(seeds: Tensor, patches: Tensor, clusters: int) -> Tensor:
    """Group seeds of one place over time.

    The paper groups "tokens of the same spatial positions", which gives
    another number of groups for each video. Here seeds are put in the order
    of their patch, frames of a patch one behind the other, and cut into
    ``clusters`` groups of equal size (up to one). With all patches as seeds
    and as many clusters as patches, each group is exactly one patch over
    time.

    Source: TC-CLIP (ECCV 2024), table 6 (b).

    Args:
        seeds: (B, n, D), frame by frame.
        patches: Index of each seed in its frame, (B, n).
        clusters: K, at most n.

    Returns:
        Cluster of each seed, (B, n), 0..K-1.
    """
    order = patches.argsort(dim=-1, stable=True)
    return order.argsort(dim=-1) * clusters // seeds.shape[1]


def random_groups(seeds: Tensor, patches: Tensor, clusters: int) -> Tensor:
    """Group seeds at random, in groups of equal size (up to one).

    The grouping is drawn from a fixed seed and is the same for all videos
    and layers, so that predictions can be repeated; which patches it meets
    depends on the video, since seeds are sorted by score.

    Source: TC-CLIP (ECCV 2024), table 6 (b).

    Args:
        seeds: (B, n, D).
        patches: Unused; the signature of all aggregations.
        clusters: K, at most n.

    Returns:
        Cluster of each seed, (B, n), 0..K-1.
    """
    batch, count = seeds.shape[:2]
    generator = torch.Generator().manual_seed(0)
    place = torch.randperm(count, generator=generator).to(seeds.device)
    return (place * clusters // count).expand(batch, -1)
