"""Confusions of one test, and gains of one test over another by class."""

from typing import NamedTuple

import numpy as np

from .predictions import Predictions, match_videos


class Confusion(NamedTuple):
    """A class that is mistaken for another."""

    truth: str
    predicted: str
    videos: int
    """Videos of the class that are taken for the other."""
    total: int
    """Videos of the class."""


class Gain(NamedTuple):
    """What a test gains over another in one class."""

    name: str
    ours: int
    """Videos that the first test names right."""
    theirs: int
    """Videos that the second test names right."""
    total: int
    """Videos of the class."""

    @property
    def points(self) -> float:
        """Difference in percent points."""
        return 100 * (self.ours - self.theirs) / self.total


def confusions(predictions: Predictions, limit: int = 20) -> list[Confusion]:
    """Find the most frequent confusions; unreadable videos do not count.

    Args:
        predictions: Of one test.
        limit: Most to return.

    Returns:
        Most frequent first.
    """
    names = predictions.classnames
    wrong = ~predictions.hits & ~predictions.unreadable
    pairs = predictions.truth[wrong] * len(names) + predictions.best[wrong, 0]
    found, counts = np.unique(pairs, return_counts=True)
    _, totals = predictions.per_class()
    order = np.argsort(-counts, kind='stable')[:limit]
    return [
        Confusion(
            names[found[i] // len(names)],
            names[found[i] % len(names)],
            int(counts[i]),
            int(totals[found[i] // len(names)]),
        )
        for i in order
    ]


def class_gains(ours: Predictions, theirs: Predictions) -> list[Gain]:
    """Compare two tests of the same videos by class.

    Args:
        ours: First test.
        theirs: Second test.

    Returns:
        One for each class that occurs, largest gain first.

    Raises:
        ValueError: If videos or class names are not the same.
    """
    match_videos(ours, theirs)
    if len(ours.classnames) != len(theirs.classnames):
        raise ValueError(
            f'{len(ours.classnames)} and {len(theirs.classnames)} classes'
        )
    right, total = ours.per_class()
    other, _ = theirs.per_class()
    gains = [
        Gain(name, int(a), int(b), int(n))
        for name, a, b, n in zip(
            ours.classnames, right, other, total, strict=True
        )
        if n
    ]
    return sorted(gains, key=lambda gain: -gain.points)
