"""Which frame of a clip SCUFO shows."""

import os
import zlib


def still_frame(clip: str, total_frames: int, seed: int = 0) -> int:
    """Choose a frame by the name of a clip.

    Args:
        clip: Path or name; folders above it do not matter.
        total_frames: Of the clip.
        seed: Not negative.

    Returns:
        Index from 0.
    """
    name = os.path.basename(os.path.normpath(clip))
    return zlib.crc32(f'{seed}/{name}'.encode()) % total_frames
