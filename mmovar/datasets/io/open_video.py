"""Open videos; three decoders give equal frames of a file."""

import os
import stat

from .frame_source import ClipSource, FrameFolder, VideoSource
from .guarded_video import GuardedVideo

DECODERS = ('pyav', 'decord', 'torchcodec')
TIMEOUT = 'MMOVAR_VIDEO_TIMEOUT'
"""Environment variable: ``timeout`` of :func:`open_video`."""


def open_video(
    path: str | os.PathLike,
    decoder: str = 'pyav',
    timeout: float | None = None,
    max_pixels: int | None = None,
) -> VideoSource:
    """Open a video file.

    Frame i is the i-th picture that a player shows, whatever the decoder:
    one that cannot keep to this refuses the file. PyAV reads all; it is the
    default since the others do not (decord counts what edit lists hide, and
    both go by times that old AVI files do not have).

    Another process decodes, so that a crash or hang costs this video only,
    see :class:`GuardedVideo`.

    Args:
        path: A regular file; of a pipe, a device or a folder nothing is read.
        decoder: ``'pyav'``, ``'decord'`` or ``'torchcodec'`` (a package of
            its own: ``pip install torchcodec``).
        timeout: Seconds of processor time that the decoder may take to open
            it, and for each call of ``read``; 0 decodes without time limit
            in this process. None: the environment variable
            ``MMOVAR_VIDEO_TIMEOUT``, else by the size of the file.
        max_pixels: Width times height; a file whose headers say more is not
            decoded. None takes any.

    Raises:
        ValueError: If there is no such decoder, the time is negative, or
            pictures are too large.
        ImportError: If its package is not installed.
        OSError: If the file cannot be read, or not exactly; with the reason.
    """
    if decoder not in DECODERS:
        raise ValueError(f'decoder must be one of {DECODERS}, got {decoder!r}')
    path = os.fspath(path)
    if '\0' in path:
        raise OSError(f'no file can have this name: {path!r}')
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(f'{path} is no regular file')
    if timeout is None and (variable := os.environ.get(TIMEOUT)):
        try:
            timeout = float(variable)
        except ValueError:
            raise ValueError(
                f'{TIMEOUT} must be seconds, or 0, got {variable!r}'
            ) from None
    if timeout != 0:
        return GuardedVideo(path, decoder, timeout, max_pixels)
    if max_pixels is not None:
        from .picture_size import check_picture_size

        check_picture_size(path, max_pixels)
    if decoder == 'pyav':
        from .pyav_video import PyAVVideo

        return PyAVVideo(path)
    from .checked_video import DecordVideo, TorchCodecVideo

    return (DecordVideo if decoder == 'decord' else TorchCodecVideo)(path)


def open_frames(
    path: str | os.PathLike,
    expected: int | None = None,
    tolerance: int = 0,
    decoder: str = 'pyav',
) -> ClipSource:
    """Open a folder of frames or a video file.

    Args:
        path: Folder or file.
        expected: Number of frames that a list states; None if it does not.
        tolerance: Frames that may be missing at the end.
        decoder: Of video files, see :func:`open_video`.

    Raises:
        FileNotFoundError: If there is neither.
        OSError: If frames are missing, or the file is no video.
    """
    if os.path.isdir(path):
        source: ClipSource = FrameFolder(path)
    elif os.path.exists(path):
        source = open_video(path, decoder)
    else:
        raise FileNotFoundError(f'no such frame folder or video: {path}')
    if expected is not None and len(source) < expected - tolerance:
        raise OSError(
            f'{path} has {len(source)} frames, the list says {expected}'
        )
    return source
