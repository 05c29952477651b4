"""Objects of the mini benchmark: ten shapes, each with its usual colour.

Shapes: N images, S canvas side in pixels. A shape is an implicit function of
local coordinates (u to the right, v downwards, in radii), negative inside.
"""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

COLOURS: dict[str, tuple[int, int, int]] = dict(
    ball=(220, 40, 40),
    box=(240, 140, 30),
    kite=(235, 220, 50),
    star=(245, 245, 245),
    leaf=(40, 190, 60),
    ring=(50, 210, 220),
    moon=(150, 80, 220),
    stick=(230, 60, 180),
    cup=(40, 60, 235),
    heart=(255, 165, 190),
)

OBJECTS: tuple[str, ...] = tuple(COLOURS)

_OUTLINE = 25.0
_DARK_HALF = 0.55


def _star(u: ndarray, v: ndarray) -> ndarray:
    """Five points: distance to the line from a tip to the next notch."""
    point, notch = np.pi / 5, 0.45
    angle = np.abs((np.arctan2(u, -v) + point) % (2 * point) - point)
    radius = np.hypot(u, v)
    normal = np.array([notch * np.sin(point), 1 - notch * np.cos(point)])
    normal = (normal / np.linalg.norm(normal)).astype(np.float32)
    return (radius * np.cos(angle) - 1) * normal[0] + radius * np.sin(
        angle
    ) * normal[1]


def _heart(u: ndarray, v: ndarray) -> ndarray:
    """Two lobes above a wedge that ends in a point below."""
    lobes = np.hypot(np.abs(u) - 0.45, v + 0.35) - 0.52
    wedge = np.maximum(0.78 * np.abs(u) + 0.63 * v - 0.6, -0.35 - v)
    return np.minimum(lobes, wedge)


_SHAPES: dict[str, Callable[[ndarray, ndarray], ndarray]] = dict(
    ball=lambda u, v: np.hypot(u, v) - 0.95,
    box=lambda u, v: np.maximum(np.abs(u), np.abs(v)) - 0.82,
    kite=lambda u, v: np.maximum(v - 0.65, 0.87 * np.abs(u) - 0.5 * v - 0.5),
    star=_star,
    leaf=lambda u, v: np.minimum(
        np.maximum(np.abs(u) - 0.32, np.abs(v) - 0.95),
        np.maximum(np.abs(u) - 0.95, np.abs(v) - 0.32),
    ),
    ring=lambda u, v: np.abs(np.hypot(u, v) - 0.72) - 0.25,
    moon=lambda u, v: np.maximum(
        np.hypot(u, v) - 0.95, 0.75 - np.hypot(u - 0.45, v)
    ),
    stick=lambda u, v: np.maximum(np.abs(u) - 0.22, np.abs(v) - 1.15),
    cup=lambda u, v: np.maximum(
        np.maximum(np.abs(u) - 0.8, np.abs(v) - 0.85),
        np.minimum(0.36 - np.abs(u), 0.3 - v),
    ),
    heart=_heart,
)


def draw_objects(
    images: ndarray,
    obj: ndarray,
    centre: ndarray,
    radius: ndarray,
    tilt: ndarray,
) -> ndarray:
    """Draw one outlined, two-tone object on each image, anti-aliased.

    Args:
        images: Float32 RGB images (N, S, S, 3), painted in place.
        obj: Indices into ``OBJECTS``, (N,).
        centre: Position (x, y) in pixels, (N, 2); may lie outside.
        radius: Size in pixels, (N,); <= 0 draws nothing.
        tilt: Rotation in radians, (N,).

    Returns:
        ``images``.
    """
    size = images.shape[1]
    y, x = np.mgrid[:size, :size].astype(np.float32)
    for index in np.unique(obj):
        rows = np.flatnonzero((obj == index) & (radius > 0))
        if not len(rows):
            continue
        dx = x - centre[rows, 0, None, None]
        dy = y - centre[rows, 1, None, None]
        cos = np.cos(tilt[rows])[:, None, None]
        sin = np.sin(tilt[rows])[:, None, None]
        scale = radius[rows][:, None, None]
        u, v = (cos * dx + sin * dy) / scale, (cos * dy - sin * dx) / scale
        pixels = _SHAPES[OBJECTS[index]](u, v) * scale
        edge = np.clip(1.5 - pixels, 0, 1)[..., None].astype(np.float32)
        inside = np.clip(0.5 - pixels, 0, 1)[..., None].astype(np.float32)
        tone = np.where(u > 0, _DARK_HALF, 1.0).astype(np.float32)
        colour = np.array(COLOURS[OBJECTS[index]], np.float32)
        colour = tone[..., None] * colour
        painted = images[rows] * (1 - edge) + _OUTLINE * edge
        images[rows] = painted * (1 - inside) + colour * inside
    return images
