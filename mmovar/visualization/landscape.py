"""The loss around a model, along two directions of its weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Landscape:
    """Losses on a grid in the plane of two descent directions.

    Attributes:
        x: Steps along the first direction, (A,).
        y: Steps along what the second adds at a right angle, (B,).
        losses: Name to the loss at each point, (B, A).
        arrows: Name to a descent direction, a unit vector of the plane.
        unit: What a step of 1 is, for the axes.
    """

    x: np.ndarray
    y: np.ndarray
    losses: Mapping[str, np.ndarray]
    arrows: Mapping[str, tuple[float, float]]
    unit: str


def draw_landscape(landscape: Landscape, path: str | Path) -> None:
    """Draw the contours of each loss, with the directions from the middle.

    Args:
        landscape: What to draw.
        path: Image to write; the suffix tells the format.
    """
    from matplotlib.figure import Figure

    losses = landscape.losses
    figure = Figure(figsize=(4 * len(losses), 3.5), layout='constrained')
    grid = figure.subplots(1, len(losses), squeeze=False)[0]
    for axes, (name, values) in zip(grid, losses.items(), strict=True):
        filled = axes.contourf(
            landscape.x, landscape.y, values, levels=16, cmap='cividis'
        )
        axes.contour(
            filled, levels=filled.levels[::2], colors='w', linewidths=0.5
        )
        figure.colorbar(filled, ax=axes, label=f'{name} loss')
        _arrows(axes, landscape)
        axes.set_aspect('equal')
        axes.set_xlabel(f'along the support descent,\n{landscape.unit}')
    grid[0].set_ylabel('across it, towards the query descent')
    figure.savefig(path, dpi=100)


def _arrows(axes: Any, landscape: Landscape) -> None:
    length = 0.6 * np.abs(landscape.x).max()
    axes.plot(0, 0, 'o', color='w', markeredgecolor='k', zorder=3)
    for name, (x, y) in landscape.arrows.items():
        axes.annotate(
            '',
            (length * x, length * y),
            xytext=(0, 0),
            arrowprops=dict(arrowstyle='-|>', color='w', linewidth=1.8),
        )
        axes.annotate(
            name,
            (length * x, length * y),
            xytext=(3, 5),
            textcoords='offset points',
            color='w',
            fontsize=9,
            bbox=dict(boxstyle='round', color='k', alpha=0.5),
        )
