"""Which seed is in which cluster, as a matrix."""

import torch
from torch import Tensor


def membership(cluster: Tensor, clusters: int, dtype: torch.dtype) -> Tensor:
    """Return 1 where a seed is in a cluster, else 0.

    ``F.one_hot`` has no dtype, and looks at all values first.

    Args:
        cluster: Of each seed, (B, n), 0..K-1.
        clusters: K.
        dtype: Of the result.

    Returns:
        (B, n, K).
    """
    members = torch.zeros(
        *cluster.shape, clusters, dtype=dtype, device=cluster.device
    )
    return members.scatter_(-1, cluster.unsqueeze(-1), 1)
