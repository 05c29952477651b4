"""Open a folder of frames or a video file."""

from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from ..io.open_video import DECODERS, open_frames


@TRANSFORMS.register_module()
class OpenFrames(BaseTransform):
    """Open a clip that is a folder of frames; replaces ``DecordInit``.

    It reads ``filename`` (a folder or a video) and, if a list states it,
    ``listed_frames``: frames beyond it are not used, and a clip with fewer is
    unreadable. It adds ``total_frames``, ``avg_fps`` and ``frame_source``.

    Args:
        fps: Frames per second of folders, for samplers with a target rate;
            video files know their own. > 0.
        tolerance: Frames that may be missing at the end of a clip; samplers
            then see the number that is there.
        decoder: Of videos, see :func:`open_video`.

    Raises:
        ValueError: If an argument is out of range.
        OSError: On a clip that is missing or truncated.
    """

    def __init__(
        self, fps: float = 25.0, tolerance: int = 0, decoder: str = 'pyav'
    ) -> None:
        if not (0 < fps < float('inf') and tolerance >= 0):
            raise ValueError(
                'fps must be in (0, inf) and tolerance >= 0, got '
                f'{fps} and {tolerance}'
            )
        if decoder not in DECODERS:
            raise ValueError(
                f'decoder must be one of {DECODERS}, got {decoder!r}'
            )
        self.fps, self.tolerance, self.decoder = fps, tolerance, decoder

    def transform(self, results: dict) -> dict:
        """Open the clip."""
        listed = results.get('listed_frames')
        source = open_frames(
            results['filename'], listed, self.tolerance, self.decoder
        )
        results['frame_source'] = source
        results['total_frames'] = min(len(source), listed or len(source))
        results['avg_fps'] = source.fps or self.fps
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(fps={self.fps}, '
            f'tolerance={self.tolerance}, decoder={self.decoder!r})'
        )
