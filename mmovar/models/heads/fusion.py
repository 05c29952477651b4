"""Ways to turn frame features into one feature of the video."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

Fusion = Callable[[Tensor], Tensor]
VideoFeatures = Tensor | tuple[Tensor, ...]


def frame_features(x: VideoFeatures) -> Tensor:
    """Return the frame features among what a backbone returns.

    Args:
        x: Frame features (B, T, D), or a tuple that begins with them; the
            rest is for heads that condition text on the video.

    Returns:
        (B, T, D).
    """
    return x[0] if isinstance(x, tuple) else x


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
