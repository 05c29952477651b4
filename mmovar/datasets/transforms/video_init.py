"""Open a video file."""

from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..io.open_video import DECODERS, open_video

_FPS = 25.0
"""Frames a second of files that do not tell."""


@TRANSFORMS.register_module()
class VideoInit(BaseTransform):
    """Open a video file by its path; replaces ``DecordInit``.

    It reads ``filename`` and adds ``total_frames``, ``avg_fps`` and
    ``frame_source``, which :class:`VideoDecode` reads. Frame i is the i-th
    picture that a player shows, see :func:`open_video`.

    Args:
        decoder: ``'pyav'``, ``'decord'`` or ``'torchcodec'``. Their frames
            are equal; the latter two refuse files that they do not read
            exactly, old AVI files and clips cut without encoding among them.
        timeout: Seconds of processor time for a video, >= 0, after which it
            counts as unreadable; see :func:`open_video`.

    Raises:
        ValueError: If there is no such decoder, or the time is negative.
        OSError: If the file cannot be read.
    """

    def __init__(
        self, decoder: str = 'pyav', timeout: float | None = None
    ) -> None:
        if decoder not in DECODERS:
            raise ValueError(
                f'decoder must be one of {DECODERS}, got {decoder!r}'
            )
        if timeout is not None and not timeout >= 0:
            raise ValueError(f'timeout must be >= 0, got {timeout}')
        self.decoder, self.timeout = decoder, timeout

    def transform(self, results: dict) -> dict:
        """Open the video."""
        source = open_video(results['filename'], self.decoder, self.timeout)
        results['frame_source'] = source
        results['total_frames'] = len(source)
        results['avg_fps'] = source.fps or _FPS
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(decoder={self.decoder!r}, '
            f'timeout={self.timeout})'
        )
