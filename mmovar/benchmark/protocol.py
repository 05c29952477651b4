"""A protocol: named cells and what tables take from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .cell import Cell, Selection
from .finding import Finding
from .reduction import Column, cells_of
from .setups import Setup


@dataclass(frozen=True)
class Run:
    """A training that cells take their checkpoint from.

    Args:
        config: Stem of the config in ``configs/{method}/``, or a path below
            ``configs/`` with ``{method}`` in it.
        options: Settings to override, as ``--cfg-options`` has them;
            ``{data_root}`` stands for the folder of the data.
        seed: Seed of the run; None for the config's own.
    """

    config: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None

    def config_file(self, method: str) -> str:
        """Return the path of the config below ``configs/``."""
        path = (
            self.config
            if '{method}' in self.config
            else (f'{{method}}/{self.config}')
        )
        return path.format(method=method) + '.py'


@dataclass(frozen=True)
class Protocol:
    """Cells, runs and columns under a name.

    Raises:
        ValueError: If a name occurs twice, a column reads an unknown cell, a
            cell an unknown run, or a checkpoint would be selected by a cell
            that is reported.
    """

    name: str
    title: str
    setup: Setup
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...]
    runs: Mapping[str, Run]
    paper_keys: tuple[str, ...] = ()
    """Protocol keys of the paper numbers that it is compared with."""
    selection: Selection = Selection()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What tables say in sentences, where they have the numbers."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Method to the title of its row, where it is not its name."""

    def __post_init__(self) -> None:
        names = [cell.name for cell in self.cells]
        for kind, given in (
            ('cells', names),
            ('columns', [str(column.key) for column in self.columns]),
        ):
            twice = sorted({n for n in given if given.count(n) > 1})
            if twice:
                raise ValueError(f'{self.name}: {kind} occur twice: {twice}')
        read = {n for c in self.columns for n in cells_of(c.reduction)}
        if read - set(names):
            raise ValueError(
                f'{self.name}: columns read unknown cells '
                f'{sorted(read - set(names))}'
            )
        runs = {cell.run for cell in self.cells}
        if runs - set(self.runs):
            raise ValueError(
                f'{self.name}: unknown runs {sorted(runs - set(self.runs))}'
            )
        if self.selection.cell in read:
            raise ValueError(
                f'{self.name}: {self.selection.cell!r} selects the checkpoint '
                "and is reported; that is the rule 'legacy'"
            )

    @property
    def version(self) -> int:
        """Version of the newest cell."""
        return max(cell.version for cell in self.cells)

    @property
    def tag(self) -> str:
        """Name, version and setup: ``'ep3 v1 (tc_clip)'``."""
        return f'{self.name} v{self.version} ({self.setup.name})'

    def row_title(self, method: str) -> str:
        """Title the row of a method: ``'vclip'`` or ``'vclip+logits'``."""
        name, _, mixed = method.partition('+')
        if name not in self.titles:
            return method
        mixture = f", half of CLIP's {mixed}" if mixed else ''
        return self.titles[name] + mixture

    def match(self, patterns: Iterable[str]) -> list[Cell]:
        """Return the cells whose name fits a glob, in their order."""
        patterns = list(patterns)
        return [
            cell
            for cell in self.cells
            if any(fnmatchcase(cell.name, p) for p in patterns)
        ]

    def column(
        self, dataset: str, metric: str, shots: int | str | None = None
    ) -> Column:
        """Return a column by its key.

        Raises:
            KeyError: If there is none.
        """
        for column in self.columns:
            if column.key == (dataset, metric, shots):
                return column
        raise KeyError(
            f'{self.name} has no column {(dataset, metric, shots)}, only '
            f'{[column.key for column in self.columns]}'
        )
