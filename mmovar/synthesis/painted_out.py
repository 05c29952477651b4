"""Take people out of a video without a network."""

from collections.abc import Sequence

import numpy as np

from mmovar.datasets.io.frame_source import FrameSource

_SAMPLED = 24
_GROWN = 9
_RADIUS = 5


class PaintedOut:
    """Frames of a video with what was seen behind the people.

    A pixel of a person takes the median colour that its place has, without
    people, in 24 frames spread over the video; a place that is never free is
    painted from its surroundings (OpenCV's Telea). This is for cameras that
    stand still. For others, give frames of a video inpainting network, as
    HAT does.

    Args:
        frames: The video.
        masks: Person masks, images with more than 128 on the person; grown
            by 4 pixels, so that no outline stays.
    """

    def __init__(self, frames: FrameSource, masks: FrameSource) -> None:
        self.fps = frames.fps
        self._frames, self._masks = frames, masks
        self._plate: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self._frames)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3), without people."""
        plate = self._background()
        return [
            np.where(mask[..., None], plate, frame)
            for frame, mask in zip(
                self._frames.read(indices), self._people(indices), strict=True
            )
        ]

    def _people(self, indices: Sequence[int]) -> list[np.ndarray]:
        import cv2

        kernel = np.ones((_GROWN, _GROWN), np.uint8)
        return [
            cv2.dilate((mask[..., 0] > 128).astype(np.uint8), kernel) > 0
            for mask in self._masks.read(indices)
        ]

    def _background(self) -> np.ndarray:
        """Compute the colour of each place without people, once."""
        import cv2

        if self._plate is None:
            count = min(_SAMPLED, len(self))
            spread = np.linspace(0, len(self) - 1, count).round()
            chosen = spread.astype(int).tolist()
            frames = np.stack(self._frames.read(chosen)).astype(np.float32)
            people = np.stack(self._people(chosen))
            hidden = np.all(people, axis=0)
            frames[people] = np.nan
            frames[:, hidden] = 0
            plate = np.nanmedian(frames, axis=0).astype(np.uint8)
            self._plate = cv2.inpaint(
                plate, hidden.astype(np.uint8), _RADIUS, cv2.INPAINT_TELEA
            )
        return self._plate
