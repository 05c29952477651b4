"""Still backgrounds to put actions before."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..io.frame_source import read_image
from .stripes import draw_stripes

STRIPE = 'stripe'
_IMAGES = ('.jpg', '.jpeg', '.png')
_TRIES = 100

Background = Callable[[np.random.Generator], np.ndarray]
"""Draws an RGB uint8 image (H, W, 3)."""


def open_backgrounds(source: str | os.PathLike) -> Background:
    """Return what draws backgrounds.

    Args:
        source: ``'stripe'`` (see :func:`draw_stripes`), or a folder of
            images, with folders below: Places365's ``test_256``, say. Grey
            images are drawn anew, as StillMix does it.

    Raises:
        FileNotFoundError: If there is no such folder, or no image in it.
        OSError: On a draw, if an image cannot be decoded.
        RuntimeError: On a draw, if 100 draws gave grey images only.
    """
    if source == STRIPE:
        return draw_stripes
    folder = Path(source)
    if not folder.is_dir():
        raise FileNotFoundError(
            f'backgrounds must be {STRIPE!r} or a folder of images, there '
            f'is no folder {folder}'
        )
    paths = sorted(
        path
        for path in folder.rglob('*')
        if path.suffix.lower() in _IMAGES and path.is_file()
    )
    if not paths:
        raise FileNotFoundError(f'{folder} holds no .jpg or .png image')

    def draw(rng: np.random.Generator) -> np.ndarray:
        for _ in range(_TRIES):
            image = read_image(paths[rng.integers(len(paths))])
            if np.ptp(image, axis=2).any():
                return image
        raise RuntimeError(f'{folder}: {_TRIES} draws gave grey images only')

    return draw
