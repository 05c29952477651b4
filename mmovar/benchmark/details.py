"""Details of the numbers: confusions, gains by class, significance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from .bootstrap import paired_bootstrap
from .classes import class_gains, confusions
from .formats import MISSING, Grid
from .protocol import Protocol
from .record import Record
from .reduction import Column, Mean
from .results import Results


def confusion_grid(record: Record, method: str, limit: int) -> Grid:
    """List the most frequent confusions of a test.

    Args:
        record: With predictions.
        method: For the title.
        limit: Most to list.
    """
    rows = tuple(
        (c.truth, c.predicted, str(c.videos), str(c.total))
        for c in confusions(record.load_predictions(), limit)
    )
    return Grid(
        f'Confusions of {method} on {record.cell}',
        ('class', 'taken for', 'videos', 'of'),
        rows,
    )


def compare(
    names: Sequence[str],
    ours: Sequence[Record],
    theirs: Sequence[Record],
    resamples: int,
    seed: int,
) -> list[Grid]:
    """Compare two methods on the cells that both have predictions of.

    Args:
        names: Of the two methods.
        ours: Records of the first.
        theirs: Records of the second.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.

    Returns:
        Differences with intervals, then the gains by class of each cell.
    """
    others = {r.cell: r for r in theirs if r.predictions}
    pairs = [
        (record.cell, record.load_predictions(), other.load_predictions())
        for record in ours
        if record.predictions and (other := others.get(record.cell))
    ]
    rows = []
    for cell, one, two in pairs:
        found = paired_bootstrap(one, two, resamples, seed)
        values = (found.value, found.low, found.high)
        rows.append(
            (cell, str(len(one)))
            + tuple(f'{value:+.2f}' for value in values)
            + (f'{found.p:.4f}',)
        )
    title = f'{names[0]} minus {names[1]}'
    alone = sorted({r.cell for r in (*ours, *theirs)} - {p[0] for p in pairs})
    after = (f'Not compared: {", ".join(alone)}.',) if alone else ()
    differences = Grid(
        f'{title}, top-1 in points',
        ('cell', 'videos', 'difference', '2.5 %', '97.5 %', 'p'),
        tuple(rows),
        (
            f'Paired bootstrap over videos, {resamples} resamples, seed '
            f'{seed}; p is two-sided. Chance of videos only: training seeds '
            'are not resampled.',
        ),
        after,
    )
    return [differences, *(_gains(title, *pair) for pair in pairs)]


def differences(
    protocol: Protocol,
    results: Mapping[str, Results],
    pairs: Sequence[tuple[str, str]],
    digits: int = 1,
) -> Grid:
    """List the paired differences behind the means of a protocol.

    Args:
        protocol: Whose columns are compared, part by part of their means.
        results: Method to its results.
        pairs: Two methods each, the first minus the second.
        digits: Decimals.

    Returns:
        Two rows for each pair: the mean with its interval, then each part.
        One row if no mean has two parts.
    """
    rows = []
    for pair in pairs:
        means, parts = [], []
        for column in protocol.columns:
            points = _points(protocol, results, pair, column)
            means.append(_interval(points, digits))
            parts.append(' '.join(_signed(p, digits) for p in points))
        title = ' - '.join(pair)
        rows += [(title, *means)] if means != parts else []
        rows.append((title if means == parts else 'each', *parts))
    return Grid(
        f'{protocol.title}: differences in points',
        ('difference', *(column.title for column in protocol.columns)),
        tuple(rows),
        (
            'Paired: the mean over the parts of a column (seeds, splits) with '
            "its 95 % interval (Student's t), then each part in its order.",
        ),
    )


def _points(
    protocol: Protocol,
    results: Mapping[str, Results],
    pair: tuple[str, str],
    column: Column,
) -> list[float | None]:
    """Subtract two methods, part by part of the mean of a column."""
    mean = column.reduction
    found = []
    for part in mean.parts if isinstance(mean, Mean) else (mean,):
        one = replace(column, reduction=part)
        a, b = (results[m].number(protocol, one).value for m in pair)
        found.append(None if a is None or b is None else a - b)
    return found


def _interval(points: Sequence[float | None], digits: int) -> str:
    """Write the mean of points with its 95 % interval."""
    from scipy.stats import ttest_1samp

    values = [point for point in points if point is not None]
    if len(values) < len(points):
        return MISSING
    mean = _signed(fmean(values), digits)
    if len(values) == 1:
        return mean
    if len(set(values)) == 1:  # scipy warns that there is no deviation
        return f'{mean} [{mean}, {mean}]'
    low, high = ttest_1samp(values, 0).confidence_interval(0.95)
    return f'{mean} [{_signed(low, digits)}, {_signed(high, digits)}]'


def _signed(point: float | None, digits: int) -> str:
    return MISSING if point is None else f'{point:+.{digits}f}'


def _gains(title, cell, one, other) -> Grid:
    rows = tuple(
        (g.name, f'{g.points:+.1f}', str(g.ours), str(g.theirs), str(g.total))
        for g in class_gains(one, other)
    )
    return Grid(
        f'{title} by class on {cell}',
        ('class', 'points', 'right', 'right (other)', 'videos'),
        rows,
    )
