"""Take all movement out of a clip: SCUFO."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..out_of_context.still_frame import still_frame


@TRANSFORMS.register_module()
class RepeatOneFrame(BaseTransform):
    """Show one frame of a video in all places of all its clips.

    Place it between sampling and decoding: it reads ``filename`` and
    ``total_frames`` and changes ``frame_inds``.

    The frame depends on the seed and the name of the video only, so that it
    is the same in every epoch, process, view and run.

    Source: SCUFO of StillMix (ICCV 2023), a random frame of each SCUBA clip.
    Their loader draws one index a batch; here each video has its own.

    Args:
        seed: Seed of the choice; not negative.

    Raises:
        ValueError: If ``seed`` is negative.
    """

    def __init__(self, seed: int = 0) -> None:
        if seed < 0:
            raise ValueError(f'seed must not be negative, got {seed}')
        self.seed = seed

    def transform(self, results: dict) -> dict:
        """Replace all indices by one."""
        total, start = results['total_frames'], results.get('start_index', 0)
        frame = start + still_frame(results['filename'], total, self.seed)
        results['frame_inds'] = np.full_like(results['frame_inds'], frame)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(seed={self.seed})'
