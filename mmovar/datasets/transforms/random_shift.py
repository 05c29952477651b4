"""Shift a clip by a few pixels, the augmentation of tiny videos."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class RandomShift(BaseTransform):
    """Shift all frames of a clip by the same random number of pixels.

    Pixels that enter repeat the border. Reads and changes ``imgs``.

    Args:
        pixels: Largest shift along each axis, at least 1.

    Raises:
        ValueError: If ``pixels`` is below 1.
    """

    def __init__(self, pixels: int = 2) -> None:
        if pixels < 1:
            raise ValueError(f'pixels must be at least 1, got {pixels}')
        self.pixels = pixels

    def transform(self, results: dict) -> dict:
        """Shift ``imgs``."""
        width = 2 * self.pixels + 1
        down, right = np.random.randint(width, size=2)
        height, width = results['imgs'][0].shape[:2]
        frames = np.pad(
            np.stack(results['imgs']),
            ((0, 0), *[(self.pixels, self.pixels)] * 2, (0, 0)),
            mode='edge',
        )
        frames = frames[:, down : down + height, right : right + width]
        results['imgs'] = list(frames)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(pixels={self.pixels})'
