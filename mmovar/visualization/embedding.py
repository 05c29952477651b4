"""Video embeddings in the plane, and how well they fall into classes."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .palette import COLOURS, MARKERS

METHODS = ('tsne', 'umap')


class ClusterScores(NamedTuple):
    """Agreement of clusters with classes, each in 0..1."""

    homogeneity: float
    """1 if each cluster has members of one class only."""
    completeness: float
    """1 if all members of a class are in one cluster."""
    v_measure: float
    """Harmonic mean of the two."""


def cluster_scores(
    features: np.ndarray, labels: np.ndarray, seed: int = 0
) -> ClusterScores:
    """Cluster features by k-means, with as many clusters as classes.

    Source: ViFi-CLIP (CVPR 2023), Table 11; the seed and the 10 starts of
    k-means are ours.

    Args:
        features: (N, D).
        labels: Class of each, (N,).
        seed: Of k-means.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import homogeneity_completeness_v_measure

    means = KMeans(len(np.unique(labels)), n_init=10, random_state=seed)
    found = means.fit_predict(features)
    scores = homogeneity_completeness_v_measure(labels, found)
    return ClusterScores(*map(float, scores))


def embed(
    features: np.ndarray, method: str = 'tsne', seed: int = 0
) -> np.ndarray:
    """Lay features out in the plane by their cosine distances.

    Args:
        features: (N, D), at least 3.
        method: ``'tsne'``, or ``'umap'`` if umap-learn is installed.
        seed: Of the layout.

    Returns:
        (N, 2).

    Raises:
        ValueError: If ``method`` is neither, or there are too few features.
        ImportError: If umap-learn is not installed.
    """
    count = len(features)
    if method not in METHODS:
        raise ValueError(f'method {method!r} is none of {METHODS}')
    if count < 3:
        raise ValueError(f'{count} videos are too few for a layout')
    if method == 'umap':
        from umap import UMAP

        near = min(15, count - 1)
        layout = UMAP(n_neighbors=near, metric='cosine', random_state=seed)
    else:
        from sklearn.manifold import TSNE

        layout = TSNE(
            perplexity=min(30.0, (count - 1) / 3),
            metric='cosine',
            init='random',
            random_state=seed,
        )
    return layout.fit_transform(features)


def draw_embedding(
    points: Sequence[np.ndarray],
    labels: np.ndarray,
    classnames: Sequence[str],
    titles: Sequence[str],
    path: str | Path,
) -> None:
    """Draw the layouts of one or more models side by side.

    Args:
        points: Of each model, (N, 2).
        labels: Class of each point, (N,).
        classnames: By label.
        titles: Of each model.
        path: Image to write; the suffix tells the format.
    """
    from matplotlib.figure import Figure

    shown = np.unique(labels)
    legend_columns = -(-len(shown) // 26)
    figure = Figure(
        figsize=(4.2 * len(points) + 1.6 * legend_columns, 4.4),
        layout='constrained',
    )
    grid = figure.subplots(1, len(points), squeeze=False)[0]
    for axes, layout, title in zip(grid, points, titles, strict=True):
        for index, label in enumerate(shown):
            own = layout[labels == label]
            axes.scatter(
                *own.T,
                s=16,
                color=COLOURS[index % len(COLOURS)],
                marker=MARKERS[index // len(COLOURS) % len(MARKERS)],
                label=classnames[label],
                linewidths=0,
            )
        axes.set_title(title, fontsize=10)
        axes.set(xticks=[], yticks=[])
        axes.set_xlabel('first dimension of the layout', fontsize=9)
    grid[0].set_ylabel('second dimension of the layout', fontsize=9)
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc='outside right center',
        ncols=legend_columns,
        fontsize=7.5,
        frameon=False,
    )
    figure.savefig(path, dpi=100)
