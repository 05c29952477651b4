"""Ways to turn frame features into one feature of the video."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

Fusion = Callable[[Tensor], Tensor]


def logit_mean(frames: Tensor) -> Tensor:
    """Average unit frame features; its logits are the mean frame logits.

    The mean is not normalised again, so that disagreeing frames lower the
    logits. Source: Open-VCLIP's released code.

    Args:
        frames: (B, T, D).

    Returns:
        (B, D), of norm at most 1.
    """
    return F.normalize(frames, dim=-1).mean(dim=1)


def mean_embedding(frames: Tensor) -> Tensor:
    """Average raw frame features, then normalise.

    Source: ViFi-CLIP (CVPR 2023), section 3.1, "embedding-level fusion".

    Args:
        frames: (B, T, D).

    Returns:
        (B, D), of norm 1.
    """
    return F.normalize(frames.mean(dim=1), dim=-1)


FUSIONS: dict[str, Fusion] = {
    'logit_mean': logit_mean,
    'mean_embedding': mean_embedding,
}
