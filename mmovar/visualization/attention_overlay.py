"""Attention of a model, laid over the frames it saw."""

import numpy as np
import torch
from torch import Tensor

from .attention_map import attention_map
from .interfaces import Recognizer


def attention_overlay(
    model: Recognizer,
    frames: np.ndarray,
    method: str = 'rollout',
    layer: int = -1,
) -> np.ndarray:
    """Lay the attention of a recognizer over a clip.

    Args:
        model: A ``CLIPRecognizer``, in evaluation mode.
        frames: What it sees, uint8 RGB (T, H, W, 3), such as the ``frames``
            of :class:`mmovar.apis.Recognition`.
        method: See :func:`attention_map`.
        layer: See :func:`attention_map`.

    Returns:
        uint8 RGB (T, H, W, 3): grey frames, tinted from dark (little) to
        yellow (much attention).

    Raises:
        ValueError: See :func:`attention_map`; or if frames are not of the
            size of the model.
    """
    maps = attention_map(
        model.backbone, normalised_clip(model, frames), method, layer
    )
    return overlay(frames, maps.numpy())


def normalised_clip(model: Recognizer, frames: np.ndarray) -> Tensor:
    """Preprocess frames as the model does, (T, H, W, 3) to (3, T, H, W)."""
    view = torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, 0)
    data = dict(inputs=[view.unsqueeze(0)], data_samples=None)
    return model.data_preprocessor(data, training=False)['inputs'][0, 0]


def overlay(
    frames: np.ndarray, maps: np.ndarray, colours: str = 'inferno'
) -> np.ndarray:
    """Lay maps over frames.

    All frames share one scale, from the least to the 99th percentile, since
    few patches may take most of the attention.

    Args:
        frames: uint8 RGB (T, H, W, 3).
        maps: (T, rows, columns).
        colours: Name of a colour map of matplotlib.

    Returns:
        uint8 RGB (T, H, W, 3).
    """
    import cv2
    from matplotlib import colormaps

    low, high = maps.min(), np.percentile(maps, 99)
    scaled = (maps - low) / max(high - low, np.finfo(np.float32).tiny)
    size = frames.shape[2], frames.shape[1]
    large = np.stack(
        [cv2.resize(one.astype(np.float32), size) for one in scaled.clip(0, 1)]
    )
    tint = colormaps[colours](large)[..., :3]
    grey = frames.mean(axis=-1, keepdims=True) / 255
    return (255 * (0.35 * grey + 0.65 * tint)).round().astype(np.uint8)
