"""The curve of two metrics along a line of weights."""

from collections.abc import Sequence
from pathlib import Path


def draw_trade_off(
    points: Sequence[tuple[float, float, float]],
    path: str | Path,
    x_label: str,
    y_label: str,
) -> None:
    """Draw closed-set against zero-shot accuracy, one point for each alpha.

    As Figure 1 of WiSE-FT and Figure 2 of Open-VCLIP.

    Args:
        points: ``(alpha, x, y)`` each, in the order of alpha; alpha 0 is
            CLIP and 1 the fine-tuned model.
        path: Image to write; the suffix tells the format.
        x_label: Name of the metric on the x axis.
        y_label: Name of the metric on the y axis.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4), layout='constrained')
    axes = figure.add_subplot()
    alphas, xs, ys = zip(*points, strict=True)
    axes.plot(xs, ys, color='0.6', zorder=1)
    dots = axes.scatter(xs, ys, c=alphas, vmin=0, vmax=1, zorder=2)
    figure.colorbar(dots, label='alpha: share of the fine-tuned weights')
    ends = {0.0: 'CLIP', 1.0: 'fine-tuned'}
    for alpha, x, y in points:
        axes.annotate(
            ends.get(alpha, f'{alpha:g}'),
            (x, y),
            xytext=(4, 4),
            textcoords='offset points',
            fontsize=8,
        )
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
