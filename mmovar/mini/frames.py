"""Compose frames of the mini benchmark from scene, object and motion level.

Shapes: N images, T frames of a clip, S canvas side in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from .motions import ATTRIBUTES, NUM_FRAMES, attribute_of, draw_levels
from .objects import draw_objects
from .scenes import render_scenes

SIZE = 32
"""Canvas side in pixels."""

_HEIGHT, _FOG, _SIZE, _LIGHT, _HALO, _PRESENCE = range(len(ATTRIBUTES))
_FOG_GREY = 225.0
_HALO_COLOUR = (255.0, 140.0, 30.0)
_HALO_RADIUS = 12.0
_NOISE = 4.0


@dataclass(frozen=True)
class ClipSpec:
    """One clip: what is seen where, and the seed of everything else.

    Two specs that differ in ``scene`` only show the same foreground, noise
    and levels: this is how out-of-context twins are made.

    Attributes:
        obj: Index into ``OBJECTS``.
        motion: Index into ``MOTIONS``.
        scene: Index into ``SCENES``.
        seed: Integers that seed the clip's generator.
    """

    obj: int
    motion: int
    scene: int
    seed: tuple[int, ...]


@dataclass
class Foreground:
    """Drawn parameters of N still images (arrays of length N).

    Attributes:
        obj: Indices into ``OBJECTS``.
        motion: Indices into ``MOTIONS``; the attribute is what shows.
        centre: Position (x, y) in pixels, (N, 2).
        radius: Size in pixels.
        tilt: Rotation in radians.
        level: Level z of the attribute in [-1, 1].
    """

    obj: ndarray
    motion: ndarray
    centre: ndarray
    radius: ndarray
    tilt: ndarray
    level: ndarray


def draw_pose(
    rng: np.random.Generator, count: int
) -> tuple[ndarray, ndarray, ndarray]:
    """Draw centre (N, 2), radius (N,) and tilt (N,) of N objects."""
    centre = rng.uniform(SIZE / 2 - 7, SIZE / 2 + 7, (count, 2))
    return (
        centre.astype(np.float32),
        rng.uniform(6.6, 7.4, count).astype(np.float32),
        rng.uniform(-0.15, 0.15, count).astype(np.float32),
    )


def draw_background(
    rng: np.random.Generator, count: int
) -> tuple[ndarray, ndarray, ndarray]:
    """Draw phase (N, 2), gain (N,) and grain (N, S, S) of N scenes."""
    return (
        rng.random((count, 2), dtype=np.float32),
        rng.uniform(0.88, 1.12, count).astype(np.float32),
        rng.standard_normal((count, SIZE, SIZE), dtype=np.float32),
    )


def compose(scenes: ndarray, fore: Foreground) -> ndarray:
    """Draw the foreground on the scenes and apply the level.

    Args:
        scenes: Float32 backgrounds (N, S, S, 3), painted in place.
        fore: What to draw on each.

    Returns:
        Float32 images (N, S, S, 3) without pixel noise, not clipped.
    """
    attribute, level = attribute_of(fore.motion), fore.level
    centre = fore.centre.copy()
    centre[:, 1] = np.where(
        attribute == _HEIGHT, 24 + 13 * level, centre[:, 1]
    )
    radius = fore.radius + np.where(attribute == _SIZE, 3.8 * level, 0)
    hidden = (attribute == _PRESENCE) & (level <= 0)
    _add_halo(scenes, np.flatnonzero(attribute == _HALO), centre, level)
    draw_objects(
        scenes, fore.obj, centre, np.where(hidden, 0, radius), fore.tilt
    )
    rows = np.flatnonzero(attribute == _LIGHT)
    scenes[rows] *= (0.70 + 0.45 * level[rows])[:, None, None, None]
    rows = np.flatnonzero(attribute == _FOG)
    opacity = (0.75 * (0.5 + 0.5 * level[rows]))[:, None, None, None]
    scenes[rows] = scenes[rows] * (1 - opacity) + _FOG_GREY * opacity
    return scenes


def _add_halo(
    images: ndarray, rows: ndarray, centre: ndarray, level: ndarray
) -> None:
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    distance = np.hypot(
        x - centre[rows, 0, None, None], y - centre[rows, 1, None, None]
    )
    glow = np.clip(1.6 * (1 - distance / _HALO_RADIUS), 0, 1)
    glow = (glow * (0.5 + 0.5 * level[rows])[:, None, None])[..., None]
    colour = np.array(_HALO_COLOUR, np.float32)
    images[rows] = images[rows] * (1 - glow) + colour * glow


def finish(images: ndarray, noise: ndarray) -> ndarray:
    """Add pixel noise (standard normal, same shape) and round to uint8."""
    return np.clip(images + _NOISE * noise + 0.5, 0, 255).astype(np.uint8)


def render_clips(specs: Sequence[ClipSpec]) -> ndarray:
    """Render clips; each depends on its own spec only.

    Args:
        specs: The N clips to render.

    Returns:
        RGB frames, uint8 (N, T, S, S, 3).
    """
    poses, backgrounds, levels, noise = [], [], [], []
    for spec in specs:
        rng = np.random.default_rng(spec.seed)
        poses.append(draw_pose(rng, 1))
        backgrounds.append(draw_background(rng, 1))
        levels.append(draw_levels(rng, spec.motion))
        noise.append(
            rng.standard_normal((NUM_FRAMES, SIZE, SIZE, 3), dtype=np.float32)
        )
    centre, radius, tilt = (
        np.concatenate(part) for part in zip(*poses, strict=True)
    )
    phase, gain, grain = (
        np.concatenate(part) for part in zip(*backgrounds, strict=True)
    )
    still = render_scenes(
        np.array([spec.scene for spec in specs]), phase, gain, grain
    )

    def per_frame(values: ndarray) -> ndarray:
        return np.repeat(values, NUM_FRAMES, axis=0)

    fore = Foreground(
        obj=per_frame(np.array([spec.obj for spec in specs])),
        motion=per_frame(np.array([spec.motion for spec in specs])),
        centre=per_frame(centre),
        radius=per_frame(radius),
        tilt=per_frame(tilt),
        level=np.concatenate(levels).astype(np.float32),
    )
    images = compose(per_frame(still), fore).reshape(
        len(specs), NUM_FRAMES, SIZE, SIZE, 3
    )
    return finish(images, np.stack(noise))
