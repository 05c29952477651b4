"""Read Human-Only clips: people, and one colour around them."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from mmovar.clip.config import PIXEL_MEAN

from ..io.open_video import open_frames
from ..out_of_context.action_swap import read_up_to_end
from ..out_of_context.composition import to_mask


@TRANSFORMS.register_module()
class KeepPeople(BaseTransform):
    """Read frames of HAT's Human-Only; replaces ``DecordDecode``.

    It reads ``frame_source``, ``frame_inds`` and the masks in
    ``mask_folder``, and adds ``imgs``, ``img_shape`` and ``original_shape``.

    Source: HAT (NeurIPS 2022). Their loader zeroes the background after
    normalisation; here it gets the mean colour before, rounded to whole
    values, so that all pipelines work. Edges are blended by later resizing.

    Args:
        fill: Colour (R, G, B) around the people, 0..255: the mean that the
            model subtracts.
        tolerance: Frames that the masks may lack at the end; the last one
            stands in.

    Raises:
        ValueError: If ``fill`` is no colour or ``tolerance`` is negative.
        OSError: On frames or masks that are missing or truncated.
    """

    def __init__(
        self, fill: Sequence[float] = PIXEL_MEAN, tolerance: int = 2
    ) -> None:
        if len(fill) != 3 or not all(0 <= value <= 255 for value in fill):
            raise ValueError(f'fill must be (R, G, B) in 0..255, got {fill}')
        if not tolerance >= 0:
            raise ValueError(f'tolerance must be >= 0, got {tolerance}')
        self.fill, self.tolerance = tuple(fill), tolerance

    def transform(self, results: dict) -> dict:
        """Read the sampled frames and paint over what is no person."""
        indices = results['frame_inds']
        masks = open_frames(
            results['mask_folder'], results['total_frames'], self.tolerance
        )
        frames = results.pop('frame_source').read(indices)
        colour = np.round(self.fill).astype(np.uint8)
        results['imgs'] = [
            np.where(to_mask(mask, frame.shape[:2])[..., None], frame, colour)
            for frame, mask in zip(
                frames, read_up_to_end(masks, indices), strict=True
            )
        ]
        shape = frames[0].shape[:2]
        results['original_shape'] = results['img_shape'] = shape
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(fill={self.fill}, '
            f'tolerance={self.tolerance})'
        )
