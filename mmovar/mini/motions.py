"""Motions of the mini benchmark: six attributes, each changed fast or slowly.

A motion is a *level* z in [-1, 1] per frame and an attribute that shows it.
The pair of motions of one attribute differs in the **order** of the levels
only: a slow clip goes once from one end to the other, a fast clip holds the
very same levels, high and low in turn. So a model that sees frames as a set
cannot tell the two apart, whatever it learns, and neither direction of time
means anything (VCLIP with mean pooling is invariant to time reversal).
"""

import numpy as np
from numpy import ndarray
from numpy.typing import ArrayLike

NUM_FRAMES = 16
"""Raw frames of a clip; a model samples every second one."""

ATTRIBUTES: tuple[str, ...] = (
    'height',
    'fog',
    'size',
    'light',
    'halo',
    'presence',
)

MOTIONS: tuple[str, ...] = (
    'hopping',
    'climbing',
    'puffing',
    'misting',
    'pulsing',
    'swelling',
    'flashing',
    'fading',
    'glowing',
    'burning',
    'blinking',
    'vanishing',
)
"""Motion 2k is the fast and 2k+1 the slow change of ``ATTRIBUTES[k]``."""


def attribute_of(motion: ArrayLike) -> ndarray:
    """Return the index into ``ATTRIBUTES`` of each motion."""
    return np.asarray(motion) // 2


def is_fast(motion: int) -> bool:
    """Tell whether a motion (index into ``MOTIONS``) is a fast one."""
    return motion % 2 == 0


def slow_levels(rng: np.random.Generator) -> ndarray:
    """Draw one smooth passage between the ends, in either direction.

    Args:
        rng: Source of randomness.

    Returns:
        Levels (``NUM_FRAMES``,) in [-1, 1].
    """
    middle, width = rng.uniform(0.4, 0.6), rng.uniform(0.15, 0.35)
    time = np.arange(NUM_FRAMES) / (NUM_FRAMES - 1)
    passage = np.clip((time - middle) / width, -1, 1)
    passage *= rng.uniform(0.8, 1, NUM_FRAMES)
    return passage if rng.random() < 0.5 else -passage


def fast_levels(rng: np.random.Generator) -> ndarray:
    """Draw a slow passage and put its high and low levels in turn.

    Frames are moved in pairs (2j, 2j+1), so that every second frame, from
    frame 0 or from frame 1, meets the same multiset of levels as in the slow
    passage.

    Args:
        rng: Source of randomness.

    Returns:
        Levels (``NUM_FRAMES``,) in [-1, 1].
    """
    pairs = slow_levels(rng).reshape(-1, 2)
    order = np.argsort(pairs.mean(axis=1), kind='stable')
    low, high = np.array_split(order, 2)
    halves = [rng.permutation(low), rng.permutation(high)]
    if rng.random() < 0.5:
        halves.reverse()
    return pairs[np.stack(halves, axis=1).ravel()].ravel()


def draw_levels(rng: np.random.Generator, motion: int) -> ndarray:
    """Draw the levels of one clip of ``motion``, (``NUM_FRAMES``,)."""
    return fast_levels(rng) if is_fast(motion) else slow_levels(rng)
