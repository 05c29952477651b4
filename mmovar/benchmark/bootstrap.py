"""Whether the difference of two tests could be chance."""

from typing import NamedTuple

import numpy as np

from .predictions import Predictions, match_videos


class Difference(NamedTuple):
    """Difference of two top-1 accuracies on the same videos, in points."""

    value: float
    low: float
    """2.5 % quantile of the bootstrap."""
    high: float
    """97.5 % quantile of the bootstrap."""
    p: float
    """Two-sided: how often a resample does not have the sign of ``value``."""
    resamples: int
    seed: int


def paired_bootstrap(
    ours: Predictions,
    theirs: Predictions,
    resamples: int = 10000,
    seed: int = 0,
) -> Difference:
    """Resample the videos with replacement, for both tests at once.

    A video adds -1, 0 or 1 to the difference, so a resample is a draw from
    the multinomial over these three. This equals drawing N videos, exactly.

    Args:
        ours: First test.
        theirs: Second test of the same videos.
        resamples: Number of resamples.
        seed: Of the draws.

    Returns:
        The difference with its interval.

    Raises:
        ValueError: If videos are not the same, or ``resamples`` is below 1.
    """
    if resamples < 1:
        raise ValueError(f'resamples must be >= 1, got {resamples}')
    first, second = match_videos(ours, theirs)
    steps = ours.hits[first].astype(int) - theirs.hits[second].astype(int)
    size = len(steps)
    shares = np.array([(steps == s).sum() for s in (-1, 0, 1)]) / size
    draws = np.random.default_rng(seed).multinomial(size, shares, resamples)
    values = 100 * (draws[:, 2] - draws[:, 0]) / size
    low, high = np.quantile(values, [0.025, 0.975])
    tail = min((values <= 0).sum(), (values >= 0).sum())
    return Difference(
        value=100 * float(steps.sum()) / size,
        low=float(low),
        high=float(high),
        p=float(min(1.0, 2 * (tail + 1) / (resamples + 1))),
        resamples=resamples,
        seed=seed,
    )
