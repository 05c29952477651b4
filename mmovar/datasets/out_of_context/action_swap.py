"""Render Action-Swap: a person before another video's background."""

from collections.abc import Sequence

import numpy as np

from ..io.frame_source import FrameSource
from .composition import (
    INDEX_RULES,
    alignment,
    background_indices,
    fit_short_side,
    paste,
    to_mask,
)


class ActionSwap:
    """One video of Action-Swap, rendered frame by frame.

    Background frames are resized so that their short side is that of the
    foreground; the person is pasted with hard edges, neither resized nor
    blended, and moved by one shift for the whole video.

    Source: HAT (NeurIPS 2022), its loader.

    Args:
        frames: Foreground video.
        masks: Its person masks, images with more than 128 on the person.
        scenes: Background video with people painted out.
        scene_masks: Person masks of the background video.
        counts: Frames of foreground and background; the sources may lack
            some at the end, where the last one stands in.
        index_rule: See :func:`background_indices`.

    Raises:
        ValueError: If ``index_rule`` is unknown.
    """

    def __init__(
        self,
        frames: FrameSource,
        masks: FrameSource,
        scenes: FrameSource,
        scene_masks: FrameSource,
        counts: tuple[int, int],
        index_rule: str = 'hat',
    ) -> None:
        if index_rule not in INDEX_RULES:
            raise ValueError(f'{index_rule!r} is none of {INDEX_RULES}')
        self._frames, self._masks = frames, masks
        self._scenes, self._scene_masks = scenes, scene_masks
        self._counts, self._rule = counts, index_rule

    def shift(self, index: int = 0) -> tuple[int, int]:
        """Align the two people of a frame.

        Args:
            index: Frame of the foreground.

        Returns:
            Shift (dx, dy) of the foreground in pixels.
        """
        (frame,) = self._frames.read([index])
        size = frame.shape[:2]
        other = self._background([index])
        (scene,) = read_up_to_end(self._scenes, other)
        (mask,) = read_up_to_end(self._masks, [index])
        (scene_mask,) = read_up_to_end(self._scene_masks, other)
        scene_mask = to_mask(scene_mask, scene.shape[:2]).astype(np.uint8)
        scene_mask = fit_short_side(scene_mask, min(size), nearest=True)
        return alignment(to_mask(mask, size), scene_mask > 0)

    def render(
        self, indices: Sequence[int], shift: tuple[int, int]
    ) -> list[np.ndarray]:
        """Render frames of the foreground's time.

        Args:
            indices: Frames of the foreground.
            shift: What :meth:`shift` returned.

        Returns:
            RGB uint8 frames (H, W, 3) of the resized background's size.
        """
        frames = self._frames.read(indices)
        masks = read_up_to_end(self._masks, indices)
        scenes = read_up_to_end(self._scenes, self._background(indices))
        short = min(frames[0].shape[:2])
        return [
            paste(
                fit_short_side(scene, short),
                frame,
                to_mask(mask, frame.shape[:2]),
                shift,
            )
            for frame, mask, scene in zip(frames, masks, scenes, strict=True)
        ]

    def _background(self, indices: Sequence[int]) -> list[int]:
        chosen = background_indices(indices, *self._counts, self._rule)
        return chosen.tolist()


def read_up_to_end(
    source: FrameSource, indices: Sequence[int]
) -> list[np.ndarray]:
    """Read frames; the last one stands in for those after it."""
    return source.read([min(int(i), len(source) - 1) for i in indices])
