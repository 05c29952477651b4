"""Clips without colour."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class RandomGray(BaseTransform):
    """Turn all frames of a clip grey, with a probability.

    The three channels become the luma 0.299 R + 0.587 G + 0.114 B.

    It reads and changes ``imgs``, a list of RGB frames (H, W, 3), uint8.

    Args:
        prob: Probability that a clip turns grey, in 0..1.

    Raises:
        ValueError: If ``prob`` is out of its range.
    """

    def __init__(self, prob: float = 0.2) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f'prob must be in 0..1, got {prob}')
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Turn every frame grey, or none."""
        import cv2

        if np.random.rand() < self.prob:
            results['imgs'] = [
                cv2.cvtColor(
                    cv2.cvtColor(image, cv2.COLOR_RGB2GRAY),
                    cv2.COLOR_GRAY2RGB,
                )
                for image in results['imgs']
            ]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob})'
