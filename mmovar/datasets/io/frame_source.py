"""Frames of a video, and the folders of images they may come from."""

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


class ClipSource(FrameSource, Protocol):
    """Frames of a file or a folder."""

    @property
    def damage(self) -> str:
        """What is wrong with the frames met so far, '' if nothing is."""


class VideoSource(ClipSource, Protocol):
    """Frames of a video file."""

    width: int
    """Of the stored pictures, before they are turned."""
    height: int
    hidden: int
    """Pictures that an edit list hides: of a clip cut without encoding."""


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
    damage = ''

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


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Read an image, RGB uint8 (H, W, 3); grey is repeated, alpha dropped.

    Raises:
        OSError: If it cannot be decoded.
    """
    return decode_image(np.fromfile(path, np.uint8), os.fspath(path))


def decode_image(content: np.ndarray, name: str) -> np.ndarray:
    """Decode an image, RGB uint8 (H, W, 3); grey is repeated, alpha dropped.

    Args:
        content: Bytes of its file, uint8.
        name: Of it, for errors.

    Raises:
        OSError: If it cannot be decoded.
    """
    import cv2

    kind = cv2.IMREAD_COLOR_RGB
    image = cv2.imdecode(content, kind) if len(content) else None
    if image is None:
        raise OSError(f'not an image: {name}')
    return image


def is_frame_name(name: str) -> bool:
    """Return whether a file name is that of a numbered image."""
    return _FRAME.fullmatch(name) is not None
