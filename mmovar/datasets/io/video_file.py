"""Write frames to a video file."""

from pathlib import Path

import numpy as np

from mmovar.atomic_write import replacing

_FPS = 8.0


def write_video(path: Path, frames: np.ndarray, fps: float = _FPS) -> None:
    """Write an mp4 file (MPEG-4 part 2) that decord and others decode.

    The file appears under its name when it is complete.

    Args:
        path: Name of the file, ending in '.mp4'; its folder exists.
        frames: RGB frames, uint8 (T, H, W, 3).
        fps: Frames per second.

    Raises:
        OSError: If OpenCV cannot write such a file.
    """
    import cv2

    height, width = frames.shape[1:3]
    codec = cv2.VideoWriter.fourcc(*'mp4v')
    with replacing(path) as part:
        writer = cv2.VideoWriter(str(part), codec, fps, (width, height))
        if not writer.isOpened():
            raise OSError(f'OpenCV cannot write mp4 video to {path}')
        for frame in frames:
            writer.write(np.ascontiguousarray(frame[..., ::-1]))
        writer.release()
