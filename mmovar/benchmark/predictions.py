"""Predictions for each video, and the accuracies from them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmovar.atomic_write import replacing

Fraction = tuple[int, int]
"""Numerator and denominator."""

KEPT = 5
"""Classes that are kept of each video, best first."""


@dataclass(frozen=True)
class Predictions:
    """The best classes of each video of a list.

    Unreadable videos count in all denominators, as wrong.

    Args:
        videos: (N,) names, unique within the list.
        truth: (N,) labels.
        best: (N, K) labels, best first, K = min(5, C).
        scores: (N, K) their scores, float32.
        unreadable: (N,) whether the video could not be decoded.
        classnames: (C,) names.
        background: (N,) label of a foreign background, or None.

    Raises:
        ValueError: If sizes or labels do not fit each other.
    """

    videos: np.ndarray
    truth: np.ndarray
    best: np.ndarray
    scores: np.ndarray
    unreadable: np.ndarray
    classnames: tuple[str, ...]
    background: np.ndarray | None = None

    def __post_init__(self) -> None:
        size, count = len(self.videos), len(self.classnames)
        shapes = {
            'truth': (size,),
            'best': (size, min(KEPT, count)),
            'scores': (size, min(KEPT, count)),
            'unreadable': (size,),
        }
        if self.background is not None:
            shapes['background'] = (size,)
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f'{name} has shape {getattr(self, name).shape}, expected '
                    f'{shape} for {size} videos of {count} classes'
                )
        if not size:
            raise ValueError('there are no predictions')
        labels = np.concatenate([self.truth, self.best.ravel()])
        if labels.min() < 0 or labels.max() >= count:
            raise ValueError(
                f'labels {labels.min()}..{labels.max()} do not fit {count} '
                'class names'
            )

    @classmethod
    def from_scores(
        cls,
        videos: Sequence[str],
        truth: np.ndarray,
        scores: np.ndarray,
        classnames: Sequence[str],
        unreadable: np.ndarray | None = None,
        background: np.ndarray | None = None,
    ) -> 'Predictions':
        """Keep the best classes of full scores (N, C)."""
        kept = min(KEPT, scores.shape[1])
        best = np.argpartition(-scores, kept - 1, axis=1)[:, :kept]
        values = np.take_along_axis(scores, best, axis=1)
        order = np.argsort(-values, axis=1, kind='stable')
        if unreadable is None:
            unreadable = np.zeros(len(videos), bool)
        return cls(
            videos=np.asarray(videos, dtype=str),
            truth=np.asarray(truth, np.int64),
            best=np.take_along_axis(best, order, axis=1),
            scores=np.take_along_axis(values, order, 1).astype(np.float32),
            unreadable=np.asarray(unreadable, bool),
            classnames=tuple(classnames),
            background=background,
        )

    def __len__(self) -> int:
        return len(self.videos)

    @property
    def hits(self) -> np.ndarray:
        """Whether each video is named right, (N,)."""
        return (self.best[:, 0] == self.truth) & ~self.unreadable

    def hits_within(self, count: int) -> np.ndarray:
        """Whether the truth is among the best ``count`` classes, (N,)."""
        among = (self.best[:, :count] == self.truth[:, None]).any(axis=1)
        return among & ~self.unreadable

    def fractions(self) -> dict[str, Fraction]:
        """Count: ``'top1'``, ``'top5'``, ``'background_error'``."""
        size = len(self)
        found = {
            'top1': (int(self.hits.sum()), size),
            'top5': (int(self.hits_within(5).sum()), size),
        }
        if self.background is not None:
            wrong = (self.best[:, 0] == self.background) & ~self.unreadable
            found['background_error'] = (int(wrong.sum()), size)
        return found

    def per_class(self) -> tuple[np.ndarray, np.ndarray]:
        """Count hits and videos of each class, (C,) each."""
        count = len(self.classnames)
        total = np.bincount(self.truth, minlength=count)
        right = np.bincount(self.truth[self.hits], minlength=count)
        return right, total

    def mean_recall(self) -> float:
        """Average the accuracy of the classes that occur, in 0..1."""
        right, total = self.per_class()
        seen = total > 0
        return float((right[seen] / total[seen]).mean())

    def save(self, path: str | os.PathLike) -> None:
        """Write a compressed npz file, at once or not at all."""
        arrays = {
            key: getattr(self, key)
            for key in ('videos', 'truth', 'best', 'scores', 'unreadable')
        }
        if self.background is not None:
            arrays['background'] = self.background
        with replacing(path) as part, part.open('wb') as file:
            np.savez_compressed(
                file, classnames=np.asarray(self.classnames, str), **arrays
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> 'Predictions':
        """Read what :meth:`save` wrote; never runs code of the file.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no such file.
        """
        with np.load(path, allow_pickle=False) as arrays:
            try:
                values = {key: arrays[key] for key in arrays.files}
                names = tuple(values.pop('classnames').tolist())
                return cls(classnames=names, **values)
            except (KeyError, TypeError) as error:
                raise ValueError(
                    f'{path} holds no predictions: {error}'
                ) from error


def contrasted(right: Predictions, wrong: Predictions) -> Fraction:
    """Count videos that are right in one test and wrong in the other.

    Args:
        right: For example on SCUBA.
        wrong: For example on SCUFO: the same videos, in any order.

    Returns:
        Numerator and denominator.

    Raises:
        ValueError: If the videos are not the same.
    """
    first, second = match_videos(right, wrong)
    both = right.hits[first] & ~wrong.hits[second]
    return int(both.sum()), len(right)


def match_videos(
    one: Predictions, other: Predictions
) -> tuple[np.ndarray, np.ndarray]:
    """Bring the videos of two tests into the same order.

    Returns:
        Indices into each, by name.

    Raises:
        ValueError: If the videos or their labels are not the same.
    """
    first = np.argsort(one.videos, kind='stable')
    second = np.argsort(other.videos, kind='stable')
    if len(one) != len(other) or not np.array_equal(
        one.videos[first], other.videos[second]
    ):
        only = set(one.videos.tolist()) ^ set(other.videos.tolist())
        raise ValueError(
            f'the videos are not the same: {len(one)} and {len(other)}, '
            f'{len(only)} in one of them only, such as {sorted(only)[:3]}'
        )
    if not np.array_equal(one.truth[first], other.truth[second]):
        raise ValueError('the labels of the same videos differ')
    return first, second
