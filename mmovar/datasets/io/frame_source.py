"""Frames of a video, from a folder of images or a video file."""

import os
import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

_FRAME = re.compile(r'\D*(?P<number>\d+)\.(jpe?g|png)', re.IGNORECASE)


class FrameSource(Protocol):
    """Frames of a video, counted from 0."""

    fps: float | None
    """Frames a second, None if the source does not tell."""

    def __len__(self) -> int: ...

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3)."""


class FrameFolder:
    """Numbered images of a folder, in the order of their numbers.

    Any prefix, number of digits and first number will do:
    ``frame000001.jpg``, ``image_00001.jpg``, ``img_00000.png``,
    ``000001.jpg``. Frame 0 is the one with the lowest number.

    Args:
        folder: Folder of the images; other files in it are left alone.

    Raises:
        FileNotFoundError: If there is no such folder.
        OSError: If it holds no frame, or a number is missing or occurs
            twice.
    """

    fps: float | None = None

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = os.fspath(folder)
        numbered = sorted(
            (int(match['number']), name)
            for name in os.listdir(folder)
            if (match := _FRAME.fullmatch(name))
        )
        if not numbered:
            raise OSError(f'{self.folder} holds no numbered .jpg or .png')
        first = numbered[0][0]
        for position, (number, name) in enumerate(numbered, start=first):
            if number != position:
                raise OSError(
                    f'{self.folder}: frame {min(number, position)} is '
                    f'{"there twice" if number < position else "missing"}, '
                    f'before {name}'
                )
        self._names = [name for _, name in numbered]

    def __len__(self) -> int:
        return len(self._names)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3); a repeated one once.

        Raises:
            OSError: If an image cannot be decoded.
        """
        frames: dict[int, np.ndarray] = {}
        for index in map(int, indices):
            if index not in frames:
                path = os.path.join(self.folder, self._names[index])
                frames[index] = read_image(path)
        return [frames[int(index)] for index in indices]


class VideoFile:
    """Frames of a video file, decoded by decord.

    Args:
        path: The file.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        import decord

        self._reader = decord.VideoReader(os.fspath(path), num_threads=1)
        self.fps: float | None = self._reader.get_avg_fps()

    def __len__(self) -> int:
        return len(self._reader)

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3)."""
        batch = self._reader.get_batch([int(index) for index in indices])
        return list(batch.asnumpy())


def open_frames(
    path: str | os.PathLike, expected: int | None = None, tolerance: int = 0
) -> FrameSource:
    """Open a folder of frames or a video file.

    Args:
        path: Folder or file.
        expected: Number of frames that a list states; None if it does not.
        tolerance: Frames that may be missing at the end.

    Raises:
        FileNotFoundError: If there is neither.
        OSError: If frames are missing, or the file is no video.
    """
    if os.path.isdir(path):
        source: FrameSource = FrameFolder(path)
    elif os.path.isfile(path):
        source = VideoFile(path)
    else:
        raise FileNotFoundError(f'no such frame folder or video: {path}')
    if expected is not None and len(source) < expected - tolerance:
        raise OSError(
            f'{path} has {len(source)} frames, the list says {expected}'
        )
    return source


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Read an image, RGB uint8 (H, W, 3); grey is repeated, alpha dropped.

    Raises:
        OSError: If it cannot be decoded.
    """
    import cv2

    content = np.fromfile(path, np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_COLOR) if len(content) else None
    if image is None:
        raise OSError(f'not an image: {path}')
    return np.ascontiguousarray(image[..., ::-1])


def is_frame_name(name: str) -> bool:
    """Return whether a file name is that of a numbered image."""
    return _FRAME.fullmatch(name) is not None
