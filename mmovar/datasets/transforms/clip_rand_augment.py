"""RandAugment that is one draw for a whole clip."""

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

_BINS = 31


@TRANSFORMS.register_module()
class ClipRandAugment(BaseTransform):
    """Apply random image operations in a row, the same to all frames.

    MMAction2's counterparts need packages that are no longer kept up
    (imgaug, PytorchVideo), or draw anew for each frame. Operations are those
    of torchvision's ``RandAugment``.

    timm's ``rand-m7-n4`` is ``num_ops=4, magnitude=21``: 7 of 10 is 21 of
    30. Deliberate differences: its strength has no noise (``mstd``), and
    timm's list has inversion and two solarisations besides.

    It reads and changes ``imgs``, a list of RGB frames (H, W, 3), uint8.
    Random numbers are torch's.

    Args:
        num_ops: Operations in a row, >= 1.
        magnitude: Their strength, in 0..30.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(self, num_ops: int = 4, magnitude: int = 21) -> None:
        from torchvision.transforms import RandAugment

        if num_ops < 1 or not 0 <= magnitude < _BINS:
            raise ValueError(
                'num_ops must be >= 1 and magnitude in 0..30, got '
                f'{num_ops} and {magnitude}'
            )
        self._augment = RandAugment(num_ops, magnitude, _BINS)

    def transform(self, results: dict) -> dict:
        """Draw once, then change every frame."""
        frames = torch.from_numpy(np.stack(results['imgs']))
        frames = self._augment(frames.permute(0, 3, 1, 2))
        frames = frames.permute(0, 2, 3, 1).contiguous().numpy()
        results['imgs'] = list(frames)
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(num_ops={self._augment.num_ops}, '
            f'magnitude={self._augment.magnitude})'
        )
