"""Frames of several videos on one image, to be looked at."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

_MARGIN, _TEXT = 4, 14


def contact_sheet(
    rows: Sequence[tuple[str, Sequence[np.ndarray]]],
    height: int = 96,
    columns: int = 8,
) -> np.ndarray:
    """Lay out videos as rows of frames, each under its name.

    Args:
        rows: Name and frames, RGB uint8 (H, W, 3), of each row; of more than
            ``columns`` frames some are chosen, evenly spread from first to
            last.
        height: Of the frames on the sheet, in pixels.
        columns: Frames of a row.

    Returns:
        RGB uint8 image on white.

    Raises:
        ValueError: If there are no rows, or one has no frame.
    """
    from PIL import Image, ImageDraw

    if not rows or not all(len(frames) for _, frames in rows):
        raise ValueError('a contact sheet needs rows, each with a frame')
    strips = [_strip(frames, height, columns) for _, frames in rows]
    step = height + _TEXT + _MARGIN
    width = max(strip.shape[1] for strip in strips) + 2 * _MARGIN
    sheet = Image.new('RGB', (width, _MARGIN + step * len(rows)), 'white')
    draw = ImageDraw.Draw(sheet)
    for number, ((name, _), strip) in enumerate(
        zip(rows, strips, strict=True)
    ):
        top = _MARGIN + number * step
        draw.text((_MARGIN, top), name, fill='black')
        sheet.paste(Image.fromarray(strip), (_MARGIN, top + _TEXT))
    return np.asarray(sheet)


def write_contact_sheet(
    path: str | os.PathLike,
    rows: Sequence[tuple[str, Sequence[np.ndarray]]],
    height: int = 96,
    columns: int = 8,
) -> None:
    """Write a :func:`contact_sheet` as a PNG file."""
    from PIL import Image

    image = Image.fromarray(contact_sheet(rows, height, columns))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, 'PNG')


def spread_evenly(count: int, columns: int) -> list[int]:
    """Choose frames from the first to the last."""
    if count <= columns:
        return list(range(count))
    return np.linspace(0, count - 1, columns).round().astype(int).tolist()


def _strip(
    frames: Sequence[np.ndarray], height: int, columns: int
) -> np.ndarray:
    """Put frames side by side."""
    from PIL import Image

    images = []
    for index in spread_evenly(len(frames), columns):
        image = Image.fromarray(frames[index])
        width = max(1, round(image.width * height / image.height))
        images.append(np.asarray(image.resize((width, height))))
        gap = np.full((height, _MARGIN, 3), 255, np.uint8)
        images.append(gap)
    return np.concatenate(images[:-1], axis=1)
