"""Give every cluster a member."""

import torch
from torch import Tensor


def fill_empty_clusters(
    cluster: Tensor, distance: Tensor, clusters: int
) -> Tensor:
    """Move the seeds farthest from their centre into empty clusters.

    The nearest seed of each cluster stays in it, so that none gets empty.

    Args:
        cluster: Cluster of each seed, (B, n), n at least ``clusters``.
        distance: To the centre of that cluster, (B, n).
        clusters: K.

    Returns:
        Cluster of each seed, (B, n).
    """
    batch, count = cluster.shape
    rank = distance.argsort(dim=-1, stable=True).argsort(dim=-1)
    # of each cluster: the rank of its nearest seed, count if it is empty
    nearest = rank.new_full((batch, clusters), count)
    nearest = nearest.scatter_reduce(1, cluster, rank, reduce='amin')
    stays = rank == nearest.gather(1, cluster)
    movable = rank.masked_fill(stays, -1).topk(clusters).indices
    # empty clusters first; only so many seeds move
    empty = nearest == count
    target = empty.argsort(dim=-1, descending=True, stable=True)
    moves = torch.arange(clusters, device=rank.device) < empty.sum(1)[:, None]
    target = torch.where(moves, target, cluster.gather(1, movable))
    return cluster.scatter(1, movable, target)
