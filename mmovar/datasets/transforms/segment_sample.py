"""One frame of each of T equal parts of a video."""

import numpy as np
from mmaction.datasets.transforms import SampleFrames
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class SegmentSample(BaseTransform):
    r"""Sample clips of T frames, one from each of T equal segments.

    In testing, frame i of clip k is

    .. math:: \lfloor (i + (k + \tfrac{1}{2}) / K) \, n / T \rfloor

    of n frames: one clip has the centres of the parts, K clips have frames
    spread evenly over each part. In training a frame is drawn from each
    part, each clip anew; parts have :math:`\lfloor n / T \rfloor` frames, so
    a tail may be left out, and a video shorter than T repeats frames.

    ``test_mode=False`` is also the random multi-clip evaluation of the
    released code of ViFi-CLIP and TC-CLIP, whose score depends on the draw.

    Source: the sampling of TSN as MMAction2's
    ``SampleFrames(clip_len=1, num_clips=T)`` has it (used here), with the T
    frames as one clip, for recognizers that read (3, T, H, W). MMAction2's
    ``UniformSample`` chooses other frames. The evenly spread clips are ours.

    It reads ``total_frames`` and ``start_index`` and adds ``frame_inds``,
    ``clip_len``, ``frame_interval`` (None) and ``num_clips``.

    Args:
        num_frames: T, frames of a clip, >= 1.
        num_clips: K, clips of a sample, >= 1.
        test_mode: Whether frames are fixed.

    Raises:
        ValueError: If a number is below 1.
    """

    def __init__(
        self, num_frames: int, num_clips: int = 1, test_mode: bool = False
    ) -> None:
        if num_frames < 1 or num_clips < 1:
            raise ValueError(
                'num_frames and num_clips must be >= 1, got '
                f'{num_frames} and {num_clips}'
            )
        self.num_frames, self.num_clips = num_frames, num_clips
        self.test_mode = test_mode
        self._draw = SampleFrames(clip_len=1, num_clips=num_frames)

    def transform(self, results: dict) -> dict:
        """Choose the frames."""
        total = results['total_frames']
        if self.test_mode:
            indices = self._fixed(total)
        else:
            indices = np.concatenate(
                [
                    self._draw._sample_clips(total, 1)
                    for _ in range(self.num_clips)
                ]
            )
        indices = np.mod(indices, total) + results['start_index']
        results['frame_inds'] = indices.astype(np.int32)
        results['clip_len'] = self.num_frames
        results['frame_interval'] = None
        results['num_clips'] = self.num_clips
        return results

    def _fixed(self, total: int) -> np.ndarray:
        """Compute the frames of all clips, (K T,), in whole numbers."""
        clip = np.arange(self.num_clips)[:, None]
        part = np.arange(self.num_frames)[None]
        halves = 2 * (part * self.num_clips + clip) + 1
        halves = halves * total // (2 * self.num_clips * self.num_frames)
        return halves.reshape(-1)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(num_frames={self.num_frames}, '
            f'num_clips={self.num_clips}, test_mode={self.test_mode})'
        )
