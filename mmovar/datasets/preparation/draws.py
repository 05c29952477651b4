"""Few-shot lists by seed, and base and novel halves by frequency."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ..annotation_list import Annotation


def draw_few_shot(
    annotations: Iterable[Annotation],
    classnames: Sequence[str],
    shots: int,
    seed: int,
) -> list[Annotation]:
    """Draw the same number of videos of each class.

    The draw of a class depends on seed, class name and its videos only, not
    on their order, the other classes or the number of shots: the 16 of a
    seed hold its 8, and the base classes of a draw are a draw of the base
    classes.

    Args:
        annotations: Training videos.
        classnames: Names of the classes, label 0 first.
        shots: Videos of each class.
        seed: Seed of the draw.

    Raises:
        ValueError: If ``shots`` is not positive or a class has fewer videos;
            the message names the classes.
    """
    if shots < 1:
        raise ValueError(f'shots must be at least 1, got {shots}')
    videos = defaultdict(list)
    for annotation in annotations:
        videos[annotation.label].append(annotation)
    short = [
        f'{name} ({len(videos[label])})'
        for label, name in enumerate(classnames)
        if len(videos[label]) < shots
    ]
    if short:
        raise ValueError(
            f'{len(short)} classes have fewer than {shots} videos: '
            f'{", ".join(short[:10])}'
        )
    drawn = []
    for label, name in enumerate(classnames):
        order = sorted(videos[label])
        random.Random(f'{seed} {name}').shuffle(order)
        drawn += order[:shots]
    return drawn


def split_by_frequency(
    annotations: Iterable[Annotation], classnames: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split the classes into the frequent half and the other.

    Classes are sorted by their number of training videos, the rarest first,
    ties in label order; the first half (rounded down) is novel, the rest is
    base. On split 1 of UCF101 and HMDB51 and on SSv2 this gives the halves
    of ViFi-CLIP, in their order.

    Args:
        annotations: Training videos.
        classnames: Names of the classes, label 0 first.

    Returns:
        Names of the base and of the novel classes.
    """
    counts = Counter(annotation.label for annotation in annotations)
    order = sorted(range(len(classnames)), key=lambda label: counts[label])
    names = tuple(classnames[label] for label in order)
    half = len(names) // 2
    return names[half:], names[:half]
