"""Hard clusterings of seed tokens by Euclidean distance.

TC-CLIP's paper names k-means, k-medoids and DPC-KNN and gives no details;
what is chosen here stands with each. Nothing is drawn at random, so that
predictions can be repeated.
"""

import torch
from torch import Tensor

from .empty_clusters import fill_empty_clusters
from .membership import membership


def k_means(
    seeds: Tensor, patches: Tensor, clusters: int, iterations: int = 10
) -> Tensor:
    """Lloyd's algorithm, from seeds at equal steps.

    Source: TC-CLIP (ECCV 2024), table 6 (b).

    Args:
        seeds: (B, n, D).
        patches: Unused; the signature of all aggregations.
        clusters: K, at most n.
        iterations: How often the centres are moved.

    Returns:
        Cluster of each seed, (B, n), 0..K-1; none is empty.
    """
    centres = seeds[:, _equal_steps(seeds, clusters)]
    cluster, distance = _nearest(seeds, centres)
    for _ in range(iterations):
        cluster = fill_empty_clusters(cluster, distance, clusters)
        members = membership(cluster, clusters, seeds.dtype)
        centres = members.transpose(1, 2) @ seeds
        centres = centres / members.sum(dim=1).unsqueeze(-1)
        cluster, distance = _nearest(seeds, centres)
    return fill_empty_clusters(cluster, distance, clusters)


def k_medoids(
    seeds: Tensor, patches: Tensor, clusters: int, iterations: int = 10
) -> Tensor:
    """Alternate between assignment and medoids, from seeds at equal steps.

    The medoid of a cluster is its seed of smallest summed distance to the
    others.

    Args:
        seeds: (B, n, D).
        patches: Unused; the signature of all aggregations.
        clusters: K, at most n.
        iterations: How often the medoids are moved.

    Returns:
        Cluster of each seed, (B, n), 0..K-1; none is empty.
    """
    distances = torch.cdist(seeds, seeds)
    medoids = _equal_steps(seeds, clusters).expand(len(seeds), -1)
    cluster = _nearest_seed(distances, medoids)
    for _ in range(iterations):
        members = membership(cluster, clusters, seeds.dtype)
        cost = distances @ members
        cost = cost.masked_fill(members == 0, torch.inf)
        cluster = _nearest_seed(distances, cost.argmin(dim=1))
    return cluster


def dpc_knn(
    seeds: Tensor, patches: Tensor, clusters: int, neighbors: int = 5
) -> Tensor:
    """Density peaks, with densities from the nearest neighbours.

    Centres are the seeds of largest product of density and distance to the
    next seed of higher density; all seeds go to the nearest centre.
    Distances are divided by the root of D, as is usual for tokens.

    Source: Du et al., Knowledge-Based Systems 2016; cited by TC-CLIP.

    Args:
        seeds: (B, n, D).
        patches: Unused; the signature of all aggregations.
        clusters: K, at most n.
        neighbors: Neighbours that a density is estimated from.

    Returns:
        Cluster of each seed, (B, n), 0..K-1; none is empty.
    """
    distances = torch.cdist(seeds, seeds) / seeds.shape[-1] ** 0.5
    neighbors = min(neighbors + 1, seeds.shape[1])  # a seed is its own
    nearest = distances.topk(neighbors, largest=False).values
    density = (-nearest.square().mean(dim=-1)).exp()
    denser = density[:, None, :] > density[:, :, None]
    farthest = distances.amax(dim=(1, 2))[:, None, None]
    gap = torch.where(denser, distances, farthest).amin(dim=-1)
    centres = (density * gap).topk(clusters).indices
    return _nearest_seed(distances, centres)


def _equal_steps(seeds: Tensor, clusters: int) -> Tensor:
    """Indices of K of n seeds, (K,)."""
    steps = torch.arange(clusters, device=seeds.device)
    return steps * seeds.shape[1] // clusters


def _nearest(seeds: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Index (B, n) of the nearest of (B, K, D), and the distance to it."""
    distance, cluster = torch.cdist(seeds, centres).min(dim=-1)
    return cluster, distance


def _nearest_seed(distances: Tensor, centres: Tensor) -> Tensor:
    """Index of the nearest of some seeds (B, K); centres keep themselves."""
    index = centres[:, None, :].expand(-1, distances.shape[1], -1)
    cluster = distances.gather(2, index).argmin(dim=-1)
    own = torch.arange(centres.shape[1], device=centres.device)
    return cluster.scatter(1, centres, own.expand_as(centres))
