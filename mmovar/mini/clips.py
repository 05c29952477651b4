"""Classes and clip lists of the mini benchmark.

A class is an object and a motion, named ``'box hopping'``. Each pair of
motions lives in a scene of its own, so the scene is a shortcut: it tells the
pair, never which of the two. In context a clip is shown in that scene, out
of context in each of the five others equally often.
"""

from typing import NamedTuple

import numpy as np

from .frames import ClipSpec
from .motions import MOTIONS, attribute_of
from .objects import OBJECTS
from .scenes import NUM_FINETUNING_SCENES

_KNOWN_OBJECTS = ('box', 'kite', 'star', 'leaf', 'ring', 'moon')
_NOVEL_OBJECTS = ('ball', 'stick')
_NOVEL_SHARE = 2  # test clips of a novel class for each of a known one
_TRAIN, _KNOWN_TEST, _NOVEL_TEST, _SCENE_DRAW = range(4)


class MiniClass(NamedTuple):
    """A class: indices into ``OBJECTS`` and ``MOTIONS``."""

    obj: int
    motion: int

    @property
    def name(self) -> str:
        """Object word and motion word."""
        return f'{OBJECTS[self.obj]} {MOTIONS[self.motion]}'

    @property
    def scene(self) -> int:
        """Index into ``SCENES`` of the scene this class is at home in."""
        return int(attribute_of(self.motion))


def known_classes() -> list[MiniClass]:
    """Return the 72 training classes: each motion x six objects."""
    return _classes(_KNOWN_OBJECTS)


def novel_classes() -> list[MiniClass]:
    """Return the 24 novel classes: each motion x two unseen objects."""
    return _classes(_NOVEL_OBJECTS)


def _classes(objects: tuple[str, ...]) -> list[MiniClass]:
    return [
        MiniClass(OBJECTS.index(name), motion)
        for motion in range(len(MOTIONS))
        for name in objects
    ]


class Clip(NamedTuple):
    """One video of a set: what to render, its label and its file stem."""

    spec: ClipSpec
    label: int
    name: str


def _other_scene(scene: int, step: int) -> int:
    """Return the ``step``-th (1 to 5) scene after ``scene``, in a circle."""
    return (scene + step) % NUM_FINETUNING_SCENES


def train_clips(seed: int, rho: float, per_class: int) -> list[Clip]:
    """List the training clips of the known classes.

    Args:
        seed: Seed of the videos.
        rho: Probability that a clip is shown in the scene of its class, in
            [0, 1]; otherwise in one of the five others.
        per_class: Clips per class.

    Raises:
        ValueError: If ``rho`` is not in [0, 1] or ``per_class`` not positive.
    """
    if not 0 <= rho <= 1:
        raise ValueError(f'rho must be in [0, 1], got {rho}')
    _check_count(per_class)
    clips = []
    for label, kind in enumerate(known_classes()):
        rng = np.random.default_rng((seed, _SCENE_DRAW, label))
        for index in range(per_class):
            away = rng.random() >= rho
            step = int(rng.integers(1, NUM_FINETUNING_SCENES))
            scene = _other_scene(kind.scene, step) if away else kind.scene
            clips.append(_clip(seed, _TRAIN, label, kind, scene, index))
    return clips


def eval_clips(
    seed: int, novel: bool, in_context: bool, per_class: int
) -> list[Clip]:
    """List the test clips; in and out of context differ in the scene only.

    Args:
        seed: Seed of the videos.
        novel: Whether of the novel classes, else of the known ones.
        in_context: Whether each clip is shown in the scene of its class,
            else in the five others in turn.
        per_class: Clips per class, a multiple of 5.

    Raises:
        ValueError: If ``per_class`` is not a positive multiple of 5.
    """
    _check_count(per_class)
    others = NUM_FINETUNING_SCENES - 1
    if per_class % others:
        raise ValueError(
            f'per_class must be a multiple of {others}, so that '
            f'each scene is used equally often; got {per_class}'
        )
    group = _NOVEL_TEST if novel else _KNOWN_TEST
    clips = []
    for label, kind in enumerate(
        novel_classes() if novel else known_classes()
    ):
        for index in range(per_class):
            scene = (
                kind.scene
                if in_context
                else _other_scene(kind.scene, 1 + index % others)
            )
            clips.append(_clip(seed, group, label, kind, scene, index))
    return clips


def mini_sets(
    seed: int, rho: float, train_per_class: int, test_per_class: int
) -> dict[str, list[Clip]]:
    """Return every set of the benchmark by name (see the two functions).

    Novel classes, which are fewer, have twice ``test_per_class`` clips.
    """
    sets = dict(known_train=train_clips(seed, rho, train_per_class))
    for vocabulary, novel in (('known', False), ('novel', True)):
        count = test_per_class * (_NOVEL_SHARE if novel else 1)
        for context, inside in (('ic', True), ('ooc', False)):
            sets[f'{vocabulary}_{context}'] = eval_clips(
                seed, novel, inside, count
            )
    return sets


def _clip(
    seed: int, group: int, label: int, kind: MiniClass, scene: int, index: int
) -> Clip:
    spec = ClipSpec(kind.obj, kind.motion, scene, (seed, group, label, index))
    return Clip(spec, label, f'{kind.name.replace(" ", "_")}_{index:03d}')


def _check_count(per_class: int) -> None:
    if per_class < 1:
        raise ValueError(f'per_class must be positive, got {per_class}')


def class_names(novel: bool) -> tuple[str, ...]:
    """Return the names of the novel or the known classes, by label."""
    kinds = novel_classes() if novel else known_classes()
    return tuple(kind.name for kind in kinds)
