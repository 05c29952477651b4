"""Image-caption pairs that pre-train the tiny CLIP of the mini benchmark.

Objects are independent of all else. A motion is shown in its usual scene more
often than chance has it, so the tiny CLIP has a context bias of its own, as
the real one has; how strong it is, the recipe says.
"""

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from .frames import (
    SIZE,
    Foreground,
    compose,
    draw_background,
    draw_pose,
    finish,
)
from .motions import MOTIONS, NUM_FRAMES, attribute_of, slow_levels
from .objects import OBJECTS
from .scenes import SCENES, render_scenes

PREFIXES: tuple[str, ...] = (
    'a photo of a',
    'a picture of a',
    'a video of a',
    'a',
)
"""How captions begin; the prompts of the mini configs begin alike."""

PRETRAINING, PROBE = 101, 102
"""Beside the seed in that of a generator; the videos have other numbers."""

_LOW_STATE = ('', '', 'small', 'dark', '', 'empty')
_HIGH_STATE = ('hidden', 'misty', 'big', '', 'hot', '')
_SIDES = ('left', 'right')
_ENDS = ('top', 'bottom')
_BATCH = 500


@dataclass(frozen=True)
class StillRecipe:
    """How images are drawn and what captions say, each a probability.

    Attributes:
        bias: Of showing a motion in its usual scene, else in any; 0 makes
            motions and scenes independent.
        say_state: Of naming a visible state ('misty', 'big').
        say_object: Of naming the object, else 'thing'.
        say_motion: Of naming the motion.
        say_place: Of naming the place in the image.
        say_scene: Of naming the scene.
    """

    bias: float = 0.2
    say_state: float = 0.75
    say_object: float = 0.95
    say_motion: float = 0.6
    say_place: float = 0.75
    say_scene: float = 0.4


def words() -> tuple[str, ...]:
    """Return the vocabulary of the captions."""
    states = [word for word in (*_LOW_STATE, *_HIGH_STATE) if word]
    return (
        'a',
        'photo',
        'picture',
        'video',
        'of',
        *states,
        *OBJECTS,
        'thing',
        *MOTIONS,
        'on',
        'at',
        'in',
        'the',
        *_SIDES,
        *_ENDS,
        *SCENES,
    )


def draw_stills(
    rng: np.random.Generator, count: int, recipe: StillRecipe = StillRecipe()
) -> tuple[ndarray, list[str]]:
    """Draw single images with captions.

    Args:
        rng: Source of randomness.
        count: Number of pairs N.
        recipe: How they are drawn.

    Returns:
        RGB images, uint8 (N, S, S, 3), and N captions.
    """
    images, captions = [], []
    for start in range(0, count, _BATCH):
        part = _draw_batch(rng, min(_BATCH, count - start), recipe)
        images.append(part[0])
        captions += part[1]
    return np.concatenate(images), captions


def _draw_batch(
    rng: np.random.Generator, count: int, recipe: StillRecipe
) -> tuple[ndarray, list[str]]:
    motion = rng.integers(len(MOTIONS), size=count)
    obj = rng.integers(len(OBJECTS), size=count)
    scene = np.where(
        rng.random(count) < recipe.bias,
        attribute_of(motion),
        rng.integers(len(SCENES), size=count),
    )
    centre, radius, tilt = draw_pose(rng, count)
    frame = rng.integers(NUM_FRAMES, size=count)
    level = np.array([slow_levels(rng)[index] for index in frame], np.float32)
    fore = Foreground(obj, motion, centre, radius, tilt, level)
    images = compose(render_scenes(scene, *draw_background(rng, count)), fore)
    noise = rng.standard_normal(images.shape, dtype=np.float32)
    captions = [
        _caption(rng, fore, index, SCENES[scene[index]], recipe)
        for index in range(count)
    ]
    return finish(images, noise), captions


def _state(attribute: int, level: float) -> str:
    """Name what the level shows, '' in between."""
    if attribute == 5:
        return _LOW_STATE[attribute] if level <= 0 else ''
    if abs(level) < 0.4:
        return ''
    return (_LOW_STATE if level < 0 else _HIGH_STATE)[attribute]


def _place(x: float, y: float) -> str:
    """Name the larger offset from the middle, '' near the middle."""
    dx, dy = x - SIZE / 2, y - SIZE / 2
    if max(abs(dx), abs(dy)) < 2.5:
        return ''
    if abs(dx) > abs(dy):
        return f'on the {_SIDES[int(dx > 0)]}'
    return f'at the {_ENDS[int(dy > 0)]}'


def _caption(
    rng: np.random.Generator,
    fore: Foreground,
    index: int,
    scene: str,
    recipe: StillRecipe,
) -> str:
    say = rng.random(5)
    attribute = int(attribute_of(fore.motion[index]))
    level = float(fore.level[index])
    x, y = fore.centre[index]
    if attribute == 0:
        y = 24 + 13 * level
    parts = [PREFIXES[rng.integers(len(PREFIXES))]]
    if say[0] < recipe.say_state:
        parts.append(_state(attribute, level))
    parts.append(
        OBJECTS[fore.obj[index]] if say[1] < recipe.say_object else 'thing'
    )
    if say[2] < recipe.say_motion:
        parts.append(MOTIONS[fore.motion[index]])
    if say[3] < recipe.say_place:
        parts.append(_place(x, y))
    if say[4] < recipe.say_scene:
        parts.append(f'in the {scene}')
    return ' '.join(part for part in parts if part)
