"""Bars of models' probabilities for one video, for a web page."""

import io
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from .palette import COLOURS


def score_bars(
    labels: Sequence[str],
    probabilities: Mapping[str, Sequence[float] | np.ndarray],
    colours: Sequence[str] = COLOURS,
    limit: int = 10,
) -> str:
    """Draw the probabilities of labels, a bar for each model.

    Args:
        labels: Any texts.
        probabilities: Name of a model to one for each label, in 0..1.
        colours: Of the models, in their order; used again if too few.
        limit: Most labels to draw: those of the highest mean.

    Returns:
        An ``<svg>`` element whose texts are texts. Labels keep their order,
        so that bars can be followed from one picture to the next.
    """
    import matplotlib
    from matplotlib.figure import Figure

    values = np.array(list(probabilities.values()))  # (models, labels)
    best = np.sort(np.argsort(-values.mean(axis=0))[:limit])
    names = [textwrap.fill(labels[i], 30) for i in best]
    lines = max(name.count('\n') + 1 for name in names)
    row = max(0.14 * len(values) + 0.12, 0.17 * lines + 0.06)
    # texts, so that a browser can read, search and test them
    with matplotlib.rc_context({'svg.fonttype': 'none'}):
        figure = Figure(
            figsize=(7.5, 0.75 + row * len(best)), layout='constrained'
        )
        axes = figure.add_subplot()
        thick = 0.8 / len(values)
        for index, name in enumerate(probabilities):
            shift = (index - (len(values) - 1) / 2) * thick
            bars = axes.barh(
                np.arange(len(best)) + shift,
                100 * values[index, best],
                height=0.9 * thick,
                color=colours[index % len(colours)],
                label=name,
            )
            axes.bar_label(bars, fmt='%.1f', padding=3, fontsize=8)
        axes.set_yticks(range(len(best)), names, parse_math=False)
        axes.set_ylim(len(best) - 0.5, -0.5)
        axes.set_xlim(0, 109)
        axes.set_xticks(range(0, 101, 20))
        axes.set_xlabel('probability, %')
        axes.spines[['top', 'right']].set_visible(False)
        legend = figure.legend(
            loc='outside upper left',
            ncols=3 if len(values) <= 3 else 2,
            frameon=False,
            fontsize=9,
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
        file = io.StringIO()
        figure.savefig(file, format='svg', metadata=dict(Date=None))
    svg = file.getvalue()
    return svg[svg.index('<svg') :]
