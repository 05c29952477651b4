"""From the numbers of cells to the numbers of a table."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Lookup = Callable[[str, str], float | None]
"""Cell name and metric to a value in percent, None if it is missing."""

CONTRASTED = 'contrasted with'
"""Begins the metric that :class:`Contrast` asks for."""


@dataclass(frozen=True)
class Number:
    """What a reduction gives, or what it lacks.

    ``value`` is None as long as a cell is missing: means are taken over all
    cells or not at all.
    """

    value: float | None
    std: float | None = None
    ddof: int | None = None
    count: int = 1
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Value:
    """One cell's number.

    Args:
        cell: Name of the cell.
        metric: Which of its numbers.
    """

    cell: str
    metric: str = 'top1'

    def __call__(self, lookup: Lookup) -> Number:
        """Look the number up."""
        value = lookup(self.cell, self.metric)
        if value is None:
            return Number(None, missing=(self.cell,))
        return Number(value)

    def __str__(self) -> str:
        return f'{self.metric} of {self.cell}'


@dataclass(frozen=True)
class Contrast:
    """Contrasted accuracy: right on one list and wrong on its twin.

    The lists hold the same videos, matched by name. Source: StillMix (ICCV
    2023): right on SCUBA and wrong on SCUFO, where nothing moves.

    Args:
        right: Cell on which the video has to be named right.
        wrong: Cell on which it has to be named wrong.
    """

    right: str
    wrong: str

    def __call__(self, lookup: Lookup) -> Number:
        """Look the number up."""
        both = (self.right, self.wrong)
        missing = tuple(cell for cell in both if lookup(cell, 'top1') is None)
        if missing:
            return Number(None, missing=missing)
        value = lookup(self.right, f'{CONTRASTED} {self.wrong}')
        return Number(value, missing=both if value is None else ())

    def __str__(self) -> str:
        return f'right on {self.right} and wrong on {self.wrong}'


@dataclass(frozen=True)
class Mean:
    """Mean of parts, with standard deviation if ``ddof`` is given.

    Args:
        parts: Reductions.
        over: What the parts are, for reports: ``'3 splits'``.
        ddof: Divisor of the variance is ``n - ddof``; None for no deviation.

    Raises:
        ValueError: If there are no parts.
    """

    parts: tuple['Reduction', ...]
    over: str
    ddof: int | None = None

    def __post_init__(self) -> None:
        _check_parts(self.parts)

    def __call__(self, lookup: Lookup) -> Number:
        """Average the parts."""
        values, missing = _values(self.parts, lookup)
        if missing:
            return Number(None, missing=missing)
        n, std = len(values), None
        if self.ddof is not None and n > self.ddof:
            std = float(np.std(values, ddof=self.ddof))
        return Number(math.fsum(values) / n, std, self.ddof, n)

    def __str__(self) -> str:
        spread = '' if self.ddof is None else f' ± std (ddof {self.ddof})'
        return f'mean{spread} over {self.over}'


@dataclass(frozen=True)
class Harmonic:
    """Harmonic mean of parts: of means, when the parts are means.

    Zero if a part is zero.

    Args:
        parts: Reductions.
        of: What the parts are, for reports: ``'mean base, mean novel'``.

    Raises:
        ValueError: If there are no parts.
    """

    parts: tuple['Reduction', ...]
    of: str

    def __post_init__(self) -> None:
        _check_parts(self.parts)

    def __call__(self, lookup: Lookup) -> Number:
        """Take the harmonic mean of the parts."""
        values, missing = _values(self.parts, lookup)
        if missing:
            return Number(None, missing=missing)
        if min(values) <= 0:
            return Number(0.0, count=len(values))
        n = len(values)
        return Number(n / math.fsum(1 / v for v in values), count=n)

    def __str__(self) -> str:
        return f'{len(self.parts)}-way harmonic mean of {self.of}'


Reduction = Value | Contrast | Mean | Harmonic


@dataclass(frozen=True)
class Column:
    """A named number of a protocol, under the keys of the paper numbers."""

    dataset: str
    metric: str
    reduction: Reduction
    shots: int | str | None = None
    note: str = field(default='', compare=False)

    @property
    def key(self) -> tuple[str, str, int | str | None]:
        """What tables look the column up by."""
        return self.dataset, self.metric, self.shots

    @property
    def title(self) -> str:
        """Heading of the column."""
        shots = '' if self.shots is None else f' K={self.shots}'
        return f'{self.dataset}{shots} {self.metric}'


def cells_of(reduction: Reduction) -> tuple[str, ...]:
    """Name the cells that a reduction reads, each once."""
    if isinstance(reduction, Value):
        return (reduction.cell,)
    if isinstance(reduction, Contrast):
        return (reduction.right, reduction.wrong)
    names = [name for part in reduction.parts for name in cells_of(part)]
    return tuple(dict.fromkeys(names))


def mean_of_cells(
    cells: tuple[str, ...] | list[str],
    over: str,
    metric: str = 'top1',
    ddof: int | None = None,
) -> Mean:
    """Average one number of several cells."""
    return Mean(tuple(Value(cell, metric) for cell in cells), over, ddof)


def _values(
    parts: tuple[Reduction, ...], lookup: Lookup
) -> tuple[list[float], tuple[str, ...]]:
    """Evaluate parts: their values, and the cells that are missing."""
    numbers = [part(lookup) for part in parts]
    missing = dict.fromkeys(name for n in numbers for name in n.missing)
    values = [n.value for n in numbers if n.value is not None]
    return values, tuple(missing)


def _check_parts(parts: tuple[Reduction, ...]) -> None:
    if not parts:
        raise ValueError('a reduction needs at least one part')
