"""Ways to turn frame features into one feature of the video.

Source: ViFi-CLIP (CVPR 2023), Table 5. It tells "embedding-level"
(``mean_embedding``), "decision-level" (``logit_mean``) and "image-level"
(:func:`frames_as_samples`) fusion apart.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor

Fusion = Callable[[Tensor], Tensor]
VideoFeatures = Tensor | tuple[Tensor, ...]
Sample = TypeVar('Sample')


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
    logits. Source: Open-VCLIP's released code; ViFi-CLIP's "decision-level
    fusion".

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
        (B, D), unit norm.
    """
    return F.normalize(frames.mean(dim=1), dim=-1)


def frames_as_samples(
    x: VideoFeatures, text: Tensor, samples: Sequence[Sample]
) -> tuple[Tensor, Tensor, list[Sample]]:
    """Turn videos of T frames into T times as many videos of one frame.

    Args:
        x: What the backbone returns, with frames (B, T, D).
        text: Text features, (C, D) or one for each video (B, C, D).
        samples: The B data samples.

    Returns:
        Frames (B T, 1, D), their text (C, D) or (B T, C, D), their samples.
    """
    frames = frame_features(x)
    count = frames.shape[1]
    if text.ndim == 3:
        text = text.repeat_interleave(count, dim=0)
    samples = [sample for sample in samples for _ in range(count)]
    return frames.flatten(0, 1).unsqueeze(1), text, samples


FUSIONS: dict[str, Fusion] = {
    'logit_mean': logit_mean,
    'mean_embedding': mean_embedding,
}
