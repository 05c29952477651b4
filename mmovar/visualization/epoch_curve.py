"""Accuracy over the epochs of a training, with averages of weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .palette import COLOURS, MARKERS


def draw_epoch_curves(
    epochs: Sequence[int],
    curves: Mapping[str, Mapping[str, Sequence[float]]],
    path: str | Path,
) -> None:
    """Draw one panel a metric, with one curve for each kind of weights.

    As Figure 3 of Open-MeDe.

    Args:
        epochs: On the x axes.
        curves: Metric to name of the weights to a number, in percent, for
            each epoch.
        path: Image to write; the suffix tells the format.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(4.2 * len(curves), 3.6), layout='constrained')
    grid = figure.subplots(1, len(curves), squeeze=False)[0]
    for axes, (metric, lines) in zip(grid, curves.items(), strict=True):
        for index, (name, values) in enumerate(lines.items()):
            axes.plot(
                epochs,
                values,
                color=COLOURS[index],
                marker=MARKERS[index],
                markersize=4,
                label=name,
            )
        axes.set_title(metric, fontsize=10)
        axes.set_xlabel('epoch')
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    grid[0].set_ylabel('accuracy in percent')
    grid[0].legend(fontsize=9)
    figure.savefig(path, dpi=100)
