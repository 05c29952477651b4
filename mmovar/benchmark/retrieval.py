"""Recall of text-to-video and video-to-text retrieval."""

from collections.abc import Sequence

import numpy as np

from .predictions import Fraction


def ranks(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Find the place of the right item in each row.

    Args:
        scores: (Q, N), higher is better.
        right: (Q,) column of the right item.

    Returns:
        (Q,) number of items that score at least as high, from 0: ties count
        against the query.
    """
    rows = np.arange(len(scores))
    own = scores[rows, right][:, None]
    return (scores >= own).sum(axis=1) - 1


def recalls(
    scores: np.ndarray,
    caption: np.ndarray,
    depths: Sequence[int] = (1, 5, 10),
    readable: np.ndarray | None = None,
) -> dict[str, Fraction]:
    """Count queries whose right item is among the best.

    Args:
        scores: (V, T) of each video and each text.
        caption: (V,) text of each video; one text may belong to several.
        depths: How many of the best count.
        readable: (V,) whether the video could be decoded; others are never
            found.

    Returns:
        ``'R@k'`` of text to video, ``'V2T R@k'`` of video to text.
    """
    size = len(scores)
    seen = np.ones(size, bool) if readable is None else readable
    queries = scores[:, caption].T  # row q asks with the text of video q
    text = ranks(np.where(seen[None], queries, -np.inf), np.arange(size))
    video = ranks(scores, caption)
    found = {}
    for prefix, places in (('', text), ('V2T ', video)):
        for depth in depths:
            hits = (places < depth) & seen
            found[f'{prefix}R@{depth}'] = int(hits.sum()), size
    return found
