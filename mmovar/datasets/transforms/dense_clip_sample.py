"""Frames of a fixed stride, within the video."""

from typing import Any

import numpy as np
from mmaction.datasets import SampleFrames
from mmaction.registry import TRANSFORMS


@TRANSFORMS.register_module()
class DenseClipSample(SampleFrames):
    """Take every ``frame_interval``-th frame at ``target_fps``.

    Where a clip is longer than the video, indices are clamped to the last
    frame of the video. ``SampleFrames`` of MMAction2 repeats the last frame
    that it has sampled instead, so of 60 frames at stride 18 it never shows
    the last five.

    Source: the released code of Open-VCLIP (ICML 2023), ``decoder.py``.

    Args:
        clip_len: Frames of a clip.
        frame_interval: Stride, in frames at ``target_fps``.
        num_clips: Clips of a video; in a test from its start to its end.
        target_fps: Frame rate that the stride counts in; a video of another
            rate gets a stride of about the same time.
        test_mode: Spread the clips evenly instead of drawing where they
            begin.
    """

    def __init__(
        self,
        clip_len: int,
        frame_interval: int,
        num_clips: int = 1,
        target_fps: int = 30,
        test_mode: bool = False,
    ) -> None:
        super().__init__(
            clip_len,
            frame_interval,
            num_clips,
            target_fps=target_fps,
            test_mode=test_mode,
        )

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Choose ``frame_inds``, those of all clips in one row."""
        total = results['total_frames']
        fps = results.get('avg_fps') or self.target_fps
        length = self._get_ori_clip_len(fps / self.target_fps)
        steps = np.linspace(0, length - 1, self.clip_len).astype(np.int32)
        starts = self._sample_clips(total, length)[:, None]
        indices = np.minimum(starts + steps, total - 1).ravel()
        results['frame_inds'] = (indices + results['start_index']).astype(
            np.int32
        )
        results.update(
            clip_len=self.clip_len,
            frame_interval=self.frame_interval,
            num_clips=self.num_clips,
        )
        return results
