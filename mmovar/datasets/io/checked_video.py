"""Frames by decord or torchcodec, of the files that they read exactly."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .pyav_video import PyAVVideo
from .unreadable import is_unreadable

_ROUNDING = 3
"""Grey levels by which decoders of MPEG-4 may differ."""


class _CheckedVideo:
    """Frames of a file that another decoder counts as PyAV does."""

    damage: str = ''

    def __init__(self, path: str, name: str) -> None:
        exact = PyAVVideo(path)
        self.fps: float | None = exact.fps
        self.width, self.height = exact.width, exact.height
        self.hidden = exact.hidden
        self._about = f'{path}: {name} does not read this {exact.codec} video'
        if exact.damage:
            raise self._refused(exact.damage)
        self._length, self._exact = len(exact), exact

    def __len__(self) -> int:
        return self._length

    def _refused(self, reason: object) -> OSError:
        reason = ' '.join(str(reason).split())
        return OSError(f"{self._about} exactly ({reason}); use decoder='pyav'")

    def _check(self, count: int, first: np.ndarray) -> None:
        """Compare number and first frame, and let go of PyAV's reader."""
        if count != self._length:
            raise self._refused(
                f'it counts {count} frames, not {self._length}'
            )
        (exact,) = self._exact.read([0])
        if exact.shape != first.shape or (
            np.abs(first - exact.astype(int)).max() > _ROUNDING
        ):
            raise self._refused('its first picture is another one')
        del self._exact


class DecordVideo(_CheckedVideo):
    """Frames by decord, decoded from the first on, as its seeks may miss.

    Args:
        path: The file.

    Raises:
        OSError: If decord cannot read it, or counts other frames than PyAV.
    """

    def __init__(self, path: str) -> None:
        import decord

        super().__init__(path, 'decord')
        if self._exact.container.startswith('mpeg'):
            raise self._refused('streams without an index')
        self._reader: Any = None
        try:
            self._reader = decord.VideoReader(path, num_threads=1)
            # Fails at sizes of which next() would give noise.
            first = self._reader.get_batch([0]).asnumpy()[0]
        except Exception as error:
            raise self._known(error) from error
        self._check(len(self._reader), first)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3), in any order."""
        frames: dict[int, np.ndarray] = {}
        wanted = {int(index) for index in indices}
        try:
            self._reader.seek(0)
            for index in range(max(wanted, default=-1) + 1):
                image = self._reader.next()  # skip_frames() is not exact
                if index in wanted:
                    frames[index] = image.asnumpy()
        except Exception as error:
            raise self._known(error) from error
        return [frames[int(index)] for index in indices]

    def _known(self, error: Exception) -> Exception:
        return self._refused(error) if is_unreadable(error) else error


class TorchCodecVideo(_CheckedVideo):
    """Frames by torchcodec, of files whose times are complete.

    Args:
        path: The file.

    Raises:
        ImportError: If torchcodec is not installed.
        OSError: If times are not complete, or torchcodec counts other frames.
    """

    def __init__(self, path: str) -> None:
        try:
            from torchcodec.decoders import VideoDecoder
        except (ImportError, RuntimeError) as error:
            raise ImportError(
                "decoder='torchcodec' needs the package torchcodec (0.12 "
                "and 0.13 run without a GPU) and FFmpeg's libraries; "
                "the default, decoder='pyav', needs neither"
            ) from error
        super().__init__(path, 'torchcodec')
        if not self._exact.seekable:
            raise self._refused('it goes by times, which are not complete')
        try:
            self._reader = VideoDecoder(
                path,
                dimension_order='NHWC',
                num_ffmpeg_threads=1,
                seek_mode='exact',
            )
            first = self._reader[0].numpy()
        except RuntimeError as error:
            raise self._refused(error) from error
        self._check(len(self._reader), first)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3), in any order."""
        try:
            batch = self._reader.get_frames_at(
                [int(index) for index in indices]
            )
        except RuntimeError as error:
            raise self._refused(error) from error
        return list(batch.data.numpy())
