"""Write frames to a video file."""

import os
from pathlib import Path

import numpy as np

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
    partial = path.with_name(f'.{os.getpid()}_{path.name}')
    writer = cv2.VideoWriter(
        str(partial), cv2.VideoWriter_fourcc(*'mp4v'), fps, (width, height)
    )
    if not writer.isOpened():
        raise OSError(f'OpenCV cannot write mp4 video to {path}')
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    partial.replace(path)
