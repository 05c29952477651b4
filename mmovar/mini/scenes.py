"""Backgrounds of the mini benchmark: eight procedural textures.

Shapes: N images, S canvas side in pixels; colours are RGB in [0, 255].
"""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

SCENES: tuple[str, ...] = (
    'grass',
    'water',
    'sand',
    'brick',
    'snow',
    'night',
    'wood',
    'tiles',
)
"""Scene names; the last two occur in pre-training only."""

NUM_FINETUNING_SCENES = 6

_TURN = 2 * np.pi


def _tint(colour: tuple[float, float, float], shade: ndarray) -> ndarray:
    """Add a grey shade (N, S, S) to a colour -> (N, S, S, 3)."""
    return np.asarray(colour, np.float32) + shade[..., None]


def _grass(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    bend = 1.5 * np.sin(_TURN * (0.11 * y + p[1]))
    return _tint(
        (62, 138, 52),
        22 * np.sin(_TURN * (0.31 * x + p[0]) + bend) + 8 * grain,
    )


def _water(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    bend = 2 * np.sin(_TURN * (0.06 * x + p[1]))
    return _tint(
        (40, 92, 188),
        24 * np.sin(_TURN * (0.16 * y + p[0]) + bend) + 3 * grain,
    )


def _sand(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    return _tint(
        (204, 178, 120),
        8 * np.sin(_TURN * (0.05 * x + 0.13 * y + p[0])) + 13 * grain,
    )


def _brick(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    row = np.floor((y + 8 * p[1]) / 8)
    mortar = ((y + 8 * p[1]) % 8 < 1.2) | (
        (x + 12 * p[0] + 6 * (row % 2)) % 12 < 1.2
    )
    wall = _tint((165, 76, 56), 7 * grain)
    grey = np.array((198, 190, 180), np.float32)
    return np.where(mortar[..., None], grey, wall)


def _snow(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    return _tint(
        (226, 232, 242),
        7 * np.sin(_TURN * (0.04 * x + 0.05 * y + p[0])) + 5 * grain,
    )


def _night(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    return _tint((18, 20, 46), 160 * (grain > 2.3) + 2 * grain)


def _wood(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    bend = 3 * np.sin(_TURN * (0.03 * y + p[1]))
    return _tint(
        (140, 96, 56),
        22 * np.sin(_TURN * (0.12 * x + p[0]) + bend) + 4 * grain,
    )


def _tiles(x: ndarray, y: ndarray, p: ndarray, grain: ndarray) -> ndarray:
    odd = (np.floor((x + 16 * p[0]) / 8) + np.floor((y + 16 * p[1]) / 8)) % 2
    return _tint((122, 150, 162), 62 * odd + 4 * grain)


_TEXTURES: dict[str, Callable[..., ndarray]] = dict(
    grass=_grass,
    water=_water,
    sand=_sand,
    brick=_brick,
    snow=_snow,
    night=_night,
    wood=_wood,
    tiles=_tiles,
)


def render_scenes(
    scene: ndarray, phase: ndarray, gain: ndarray, grain: ndarray
) -> ndarray:
    """Paint the backgrounds of a batch.

    Args:
        scene: Indices into ``SCENES``, shape (N,).
        phase: Where each pattern starts, (N, 2), periods in [0, 1).
        gain: Brightness factor of each image, (N,).
        grain: Static texture noise, standard normal, (N, S, S).

    Returns:
        Float32 images (N, S, S, 3), not clipped.
    """
    size = grain.shape[-1]
    y, x = np.mgrid[:size, :size].astype(np.float32)
    images = np.empty((*grain.shape, 3), np.float32)
    for index in np.unique(scene):
        rows = np.flatnonzero(scene == index)
        start = phase[rows].T[:, :, None, None]
        images[rows] = _TEXTURES[SCENES[index]](x, y, start, grain[rows])
    return images * gain[:, None, None, None].astype(np.float32)
