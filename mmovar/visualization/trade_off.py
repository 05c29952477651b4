"""The curve of two metrics along a line of weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .palette import COLOURS, MARKERS

Points = Sequence[tuple[float, float, float]]


def draw_trade_off(
    points: Points, path: str | Path, x_label: str, y_label: str
) -> None:
    """Draw the curve of one method, see :func:`draw_trade_offs`."""
    draw_trade_offs({'fine-tuned': points}, path, x_label, y_label)


def draw_trade_offs(
    curves: Mapping[str, Points], path: str | Path, x_label: str, y_label: str
) -> None:
    """Draw closed-set against zero-shot accuracy, one point for each alpha.

    As Figure 1 of WiSE-FT and Figure 2 of Open-VCLIP. Alpha, the share of the
    fine-tuned weights, is written at the points of the first curve.

    Args:
        curves: Name of the method to ``(alpha, x, y)`` each, in the order of
            alpha; alpha 0 is CLIP and 1 the fine-tuned model.
        path: Image to write; the suffix tells the format.
        x_label: Name of the metric on the x axis.
        y_label: Name of the metric on the y axis.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4), layout='constrained')
    axes = figure.add_subplot()
    for index, (name, points) in enumerate(curves.items()):
        alphas, xs, ys = zip(*points, strict=True)
        axes.plot(
            xs,
            ys,
            color=COLOURS[index % len(COLOURS)],
            marker=MARKERS[index % len(MARKERS)],
            markersize=5,
            label=name,
        )
        ends = {0.0: 'CLIP', 1.0: 'fine-tuned'}
        for alpha, x, y in zip(alphas, xs, ys, strict=True):
            if index == 0:
                axes.annotate(
                    ends.get(alpha, f'{alpha:g}'),
                    (x, y),
                    xytext=(5, 5),
                    textcoords='offset points',
                    fontsize=8,
                )
    if len(curves) > 1:
        axes.legend(fontsize=9)
    axes.margins(0.12)
    axes.set_title('at the points: share of the fine-tuned', fontsize=9)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
