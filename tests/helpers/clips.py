"""Small real video files, readable and broken, for tests."""

import subprocess

import cv2
import numpy as np


def write_video(path, num_frames=16, size=(32, 32), fps=30.0, gray=None):
    """Write an mp4 file; frame t is grey 10 t unless ``gray`` is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fourcc = cv2.VideoWriter_fourcc(*'mp4v')
    writer = cv2.VideoWriter(str(path), fourcc, fps, size)
    for index in range(num_frames):
        value = 10 * index % 250 if gray is None else gray
        writer.write(np.full((size[1], size[0], 3), value, np.uint8))
    writer.release()
    return path


def write_film(path, *options, picture='testsrc2', size='320x240', fps=25):
    """Encode four seconds of a moving test picture with ffmpeg.

    Args:
        path: The file, whose suffix decides the container.
        *options: Of ffmpeg, such as ``'-c:v', 'libxvid'``.
        picture: ffmpeg's source of pictures.
        size: Width and height.
        fps: Frames per second.
    """
    from imageio_ffmpeg import get_ffmpeg_exe

    source = f'{picture}=size={size}:rate={fps}'
    command = (get_ffmpeg_exe(), '-v', 'error', '-f', 'lavfi', '-i', source)
    subprocess.run([*command, *options, '-t', '4', str(path)], check=True)
    return path


def write_text(path):
    """Write what a failed download leaves behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('<html>not found</html>')
    return path


def truncate(path):
    """Cut a video in half, so that its index is gone."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def write_cut_off(path):
    """Write an AVI file that ends in the middle; its first frames play."""
    return truncate(write_film(path, '-c:v', 'mjpeg', size='64x48'))


def damage_frames(path):
    """Keep header and index of a video, but zero all its frames."""
    content = path.read_bytes()
    start, end = content.index(b'mdat') + 4, content.index(b'moov') - 4
    path.write_bytes(content[:start] + bytes(end - start) + content[end:])
    return path
