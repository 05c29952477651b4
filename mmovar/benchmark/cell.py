"""A cell of a benchmark: one list, one vocabulary, one number."""

from dataclasses import dataclass
from typing import Any

from .setups import Setup

RULES = ('last', 'best', 'legacy')
METRICS = (
    'top1',
    'top5',
    'mean1',
    'R@1',
    'R@5',
    'R@10',
    'background_error',
)


@dataclass(frozen=True)
class Selection:
    """Which checkpoint of a training is tested.

    - ``'last'``: the last one;
    - ``'best'``: the best on ``cell``, which no reduction reports;
    - ``'legacy'``: for each cell the one that is best on that very cell, as
      some papers do it. It looks at the test set.

    Raises:
        ValueError: If the rule is unknown, or ``cell`` does not fit it.
    """

    rule: str = 'last'
    cell: str | None = None

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f'rule {self.rule!r} is none of {RULES}')
        if (self.cell is not None) != (self.rule == 'best'):
            raise ValueError(
                f"rule {self.rule!r} with cell {self.cell!r}: 'best' names "
                'the cell it looks at, the others none'
            )

    def __str__(self) -> str:
        return {
            'last': 'last checkpoint',
            'best': f'best checkpoint on {self.cell}',
            'legacy': 'best checkpoint on the reported list itself',
        }[self.rule]


@dataclass(frozen=True)
class Cell:
    """One test of one checkpoint, and the number taken from it.

    Raises:
        ValueError: If ``metric`` is unknown.
    """

    name: str
    """Unique, ``'{dataset}/{list}'``: ``'ucf101/ep3/1'``."""
    dataset: str
    """Title of the dataset, as tables name it: ``'UCF101'``."""
    videos: str
    """Which list of videos, in words."""
    data: str
    """Data source: a key of ``mmovar.datasets.SOURCES``, or of the test sets
    of a config."""
    vocabulary: str | None
    """Built-in name of the class names; None: the list brings its own."""
    run: str
    """Training whose checkpoint is tested: a key of ``Protocol.runs``."""
    setup: Setup
    """Views, frames, templates, ensemble."""
    metric: str = 'top1'
    """The number; the record of a cell holds others beside it."""
    size: int | None = None
    """Videos of the official list; None where it depends on the copy."""
    version: int = 2
    """Counts up whenever the number could change."""

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise ValueError(f'metric {self.metric!r} is none of {METRICS}')

    def to_dict(self) -> dict[str, Any]:
        """Return the declaration as plain values."""
        fields = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return dict(fields, setup=self.setup.to_dict())
