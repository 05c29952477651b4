"""Colour jitter drawn anew for every frame."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class FrameColorJitter(BaseTransform):
    """Jitter the colours of a clip, each frame by itself.

    Whether a clip is jittered is drawn once; how, once a frame, so a
    jittered clip flickers. Factors, order and colour arithmetic are those of
    torchvision's ``ColorJitter`` on PIL images. :class:`ClipColorJitter` has
    one draw for all frames.

    Source: the released code of X-CLIP, ViFi-CLIP and TC-CLIP.

    It reads and changes ``imgs``, a list of RGB frames (H, W, 3), uint8.
    Random numbers are NumPy's (whether) and torch's (how).

    Args:
        prob: Probability that a clip is jittered, in 0..1.
        brightness: Half width of the factor around 1, >= 0.
        contrast: The same.
        saturation: The same.
        hue: Largest turn of the colour circle, as a share of it, in 0..0.5.

    Raises:
        ValueError: If a value is out of its range.
    """

    def __init__(
        self,
        prob: float = 0.8,
        brightness: float = 0.4,
        contrast: float = 0.4,
        saturation: float = 0.2,
        hue: float = 0.1,
    ) -> None:
        from torchvision.transforms import ColorJitter

        if not 0 <= prob <= 1:
            raise ValueError(f'prob must be in 0..1, got {prob}')
        self.prob = prob
        self._jitter = ColorJitter(brightness, contrast, saturation, hue)

    def transform(self, results: dict) -> dict:
        """Jitter every frame, or none."""
        from PIL import Image

        if np.random.rand() < self.prob:
            results['imgs'] = [
                np.array(self._jitter(Image.fromarray(image)))
                for image in results['imgs']
            ]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob}, {self._jitter!r})'
