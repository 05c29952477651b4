"""Where the person is: boxes, arrays of MATLAB, or images."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmovar.clip.regular_file import open_regular
from mmovar.clip.safe_pickle import load_plain_pickle
from mmovar.datasets.io.clip_folders import find_clips
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.io.video_locator import StemIndex, video_stem
from mmovar.datasets.out_of_context.composition import to_mask

BOX_RULES = ('first', 'union')
"""What several boxes in one frame mean."""

_PUPPET = 'puppet_mask.mat'


class Masks:
    """Person masks of some frames of a video.

    Args:
        frames: Frames that masks are known of, or that lie between such;
            counted from 0.
        mask: Frame, height and width to a mask, bool (H, W).
    """

    def __init__(
        self, frames: range, mask: Callable[[int, int, int], np.ndarray]
    ) -> None:
        self.frames, self._mask = frames, mask

    def __call__(
        self, index: int, size: tuple[int, int], spread: int = 0
    ) -> np.ndarray:
        """Return the mask of a frame.

        Args:
            index: One of :attr:`frames`.
            size: Height and width.
            spread: Masks of so many frames before and after are added.
        """
        near = range(index - spread, index + spread + 1)
        mask = np.zeros(size, bool)
        for other in near:
            if other in self.frames:
                mask |= self._mask(other, *size)
        return mask


def box_masks(rows: np.ndarray, rule: str = 'first') -> Masks:
    """Fill boxes.

    Only the frames between the first and the last box count; one without a
    box has an empty mask. Source: StillMix, UCF101 with the boxes of
    UCF101-24, where the first box of a frame counts.

    Args:
        rows: (N, 5), frame (from 1), x1, y1, x2, y2 in pixels.
        rule: ``'first'`` box of a frame, or the ``'union'`` of all.

    Raises:
        ValueError: If ``rule`` is unknown or ``rows`` are no boxes.
    """
    if rule not in BOX_RULES:
        raise ValueError(f'{rule!r} is none of {BOX_RULES}')
    rows = np.asarray(rows, np.float64)
    if rows.ndim != 2 or rows.shape[1] != 5 or not len(rows):
        raise ValueError(
            f'boxes must be rows of frame, x1, y1, x2, y2, got an array of '
            f'shape {rows.shape}'
        )
    if not (np.abs(rows) < 1e9).all():
        raise ValueError(f'boxes must be numbers of pixels, got {rows.max()}')
    by_frame: dict[int, list[np.ndarray]] = {}
    for row in rows:
        by_frame.setdefault(int(row[0]) - 1, []).append(row[1:])

    def fill(index: int, height: int, width: int) -> np.ndarray:
        mask = np.zeros((height, width), bool)
        boxes = by_frame.get(index, [])
        for box in boxes[:1] if rule == 'first' else boxes:
            x1, y1, x2, y2 = np.round(box).astype(int)
            mask[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = True
        return mask

    return Masks(range(min(by_frame), max(by_frame) + 1), fill)


def mat_masks(path: str | os.PathLike) -> Masks:
    """Read ``part_mask`` (H, W, T) of a file of JHMDB; not 0 is the person.

    Raises:
        OSError: If the file is not one of MATLAB, or has no such array.
    """
    from scipy.io import loadmat

    try:
        with open_regular(os.fspath(path)) as file:
            array = loadmat(file, variable_names=['part_mask'])['part_mask']
        if array.ndim == 2:
            array = array[..., None]
        if array.ndim != 3 or array.dtype.kind not in 'biuf' or not array.size:
            raise ValueError(f'it is {array.dtype} of shape {array.shape}')
    except Exception as error:  # a broken file may raise anything
        raise OSError(
            f'{path} has no part_mask (H, W, T): {error!r}'
        ) from error

    def read(index: int, height: int, width: int) -> np.ndarray:
        image = (array[..., index] != 0).astype(np.uint8) * 255
        return to_mask(image, (height, width))

    return Masks(range(array.shape[-1]), read)


def image_masks(path: str | os.PathLike) -> Masks:
    """Read a folder of images, or a video; more than 128 is the person."""
    source = open_frames(path)

    def read(index: int, height: int, width: int) -> np.ndarray:
        return to_mask(source.read([index])[0], (height, width))

    return Masks(range(len(source)), read)


class MaskIndex:
    """Masks of videos by name.

    Args:
        path: A pickle of boxes: ``gttubes[Class/video][label]`` a list of
            arrays (N, 5), as ``UCF101v2-GT.pkl``, or ``{video: rows}``; or a
            folder with, at any depth, ``{video}.mat``,
            ``{video}/puppet_mask.mat``, folders ``{video}/`` of images, or
            videos.
        box_rule: See :func:`box_masks`.

    Raises:
        FileNotFoundError: If there is neither.
        ValueError: If the pickle is not one of boxes, or ``box_rule`` is
            unknown.
    """

    def __init__(
        self, path: str | os.PathLike, box_rule: str = 'first'
    ) -> None:
        path = Path(path)
        self._boxes: dict[str, np.ndarray] = {}
        self._rule, self.path = box_rule, path
        if box_rule not in BOX_RULES:
            raise ValueError(f'{box_rule!r} is none of {BOX_RULES}')
        if path.is_file():
            self._boxes = _boxes(load_plain_pickle(path), path)
            self._names = dict.fromkeys(self._boxes, '')
        elif path.is_dir():
            self._names = {
                _mat_name(file): str(file) for file in path.rglob('*.mat')
            }
            self._names.update({clip: clip for clip in find_clips(path)})
        else:
            raise FileNotFoundError(f'masks not found: {path}')
        self._index = StemIndex(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def find(self, video: str) -> Masks | None:
        """Return the masks of a video by its name, None if there are none.

        Raises:
            OSError: If they cannot be read.
        """
        name = self._index.find(video)
        if name is None:
            return None
        if self._boxes:
            try:
                return box_masks(self._boxes[name], self._rule)
            except ValueError as error:
                raise OSError(f'{self.path}, {name!r}: {error}') from error
        path = self._names[name]
        return mat_masks(path) if path.endswith('.mat') else image_masks(path)

    def describe(self) -> str:
        """Say how many masks there are, and name one."""
        example = video_stem(next(iter(self._names), 'none'))
        return f'masks of {len(self)} videos such as {example!r}'


def _mat_name(file: Path) -> str:
    """Return the path that a .mat file stands for."""
    return str(file.parent if file.name == _PUPPET else file.with_suffix(''))


def _boxes(content: Any, path: Path) -> dict[str, np.ndarray]:
    """Turn a pickle into rows of boxes by video."""
    if isinstance(content, Mapping) and 'gttubes' in content:
        content = content['gttubes']
    if not isinstance(content, Mapping) or not content:
        raise ValueError(
            f'{path} must hold a dict of videos to boxes, it holds a '
            f'{type(content).__name__}'
        )
    found = {}
    for video, value in content.items():
        try:
            found[str(video)] = _rows(value)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f'{path}: boxes of {video!r} are no rows of frame, x1, y1, '
                f'x2, y2: {error}'
            ) from error
    return found


def _rows(value: Any) -> np.ndarray:
    """Join tubes of all labels, one after another."""
    tubes: Sequence[Any] = (
        [tube for part in value.values() for tube in part]
        if isinstance(value, Mapping)
        else [value]
    )
    return np.concatenate(
        [np.asarray(tube, np.float64).reshape(-1, 5) for tube in tubes]
    )
