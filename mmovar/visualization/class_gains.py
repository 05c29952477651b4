"""What one method gains over another, class by class."""

from collections.abc import Sequence
from pathlib import Path

from .palette import COLOURS


def draw_class_gains(
    gains: Sequence[tuple[str, float]],
    path: str | Path,
    title: str,
    limit: int = 40,
) -> None:
    """Draw the gains of classes as bars, largest first.

    Args:
        gains: Name and gain in percent points of each class.
        path: Image to write; the suffix tells the format.
        title: Which methods are compared, and on what.
        limit: Most classes to draw: those of the largest and the smallest
            gains.
    """
    from matplotlib.figure import Figure

    rows = sorted(gains, key=lambda gain: -gain[1])
    left_out = max(0, len(rows) - limit)
    if left_out:
        rows = rows[: limit - limit // 2] + rows[-(limit // 2) :]
        title = f'{title}\n({left_out} classes between these not shown)'
    names, values = zip(*rows, strict=True)
    figure = Figure(figsize=(6, 1.1 + 0.19 * len(rows)), layout='constrained')
    axes = figure.add_subplot()
    colours = [COLOURS[0] if value >= 0 else COLOURS[5] for value in values]
    places = range(len(rows))
    axes.barh(places, values, color=colours)
    axes.axvline(0, color='0.3', linewidth=0.8)
    axes.set_yticks(places, names, fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel('gain of top-1 accuracy in points')
    axes.set_title(title, fontsize=10)
    axes.grid(axis='x', alpha=0.3)
    figure.savefig(path, dpi=100)
