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

    Raises:
        ValueError: If there is no such decoder.
        OSError: If the file cannot be read.
    """

    def __init__(self, decoder: str = 'pyav') -> None:
        if decoder not in DECODERS:
            raise ValueError(
                f'decoder must be one of {DECODERS}, got {decoder!r}'
            )
        self.decoder = decoder

    def transform(self, results: dict) -> dict:
        """Open the video."""
        source = open_video(results['filename'], self.decoder)
        results['frame_source'] = source
        results['total_frames'] = len(source)
        results['avg_fps'] = source.fps or _FPS
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(decoder={self.decoder!r})'
