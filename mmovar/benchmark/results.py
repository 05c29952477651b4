"""Records of one method, as numbers that reductions ask for."""

from collections.abc import Iterable, Sequence

from .cell import Cell
from .predictions import contrasted
from .protocol import Protocol
from .record import Record
from .reduction import CONTRASTED, Column, Number, cells_of


class Results:
    """The tests of one method, by cell.

    Records of another version of a cell, or of one that was declared
    otherwise, count as missing and are named by :meth:`remarks`.

    Args:
        records: Of one method.

    Raises:
        ValueError: If a cell has two records.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._records: dict[str, Record] = {}
        for record in records:
            other = self._records.setdefault(record.cell, record)
            if other is not record:
                raise ValueError(
                    f'cell {record.cell} of {record.method} has two records: '
                    f'{other.path} and {record.path}'
                )

    def __contains__(self, cell: str) -> bool:
        return cell in self._records

    def record(self, protocol: Protocol, cell: str) -> Record | None:
        """Return the record of a cell, None if there is none that fits."""
        record = self._records.get(cell)
        return None if record is None or _misfit(protocol, record) else record

    def number(self, protocol: Protocol, column: Column) -> Number:
        """Evaluate a column of a protocol."""

        def lookup(cell: str, metric: str) -> float | None:
            record = self.record(protocol, cell)
            if record is None:
                return None
            if metric.startswith(CONTRASTED):
                other = metric.removeprefix(f'{CONTRASTED} ')
                return self._contrasted(protocol, record, other)
            return record.percent(metric)

        return column.reduction(lookup)

    def _contrasted(
        self, protocol: Protocol, right: Record, other: str
    ) -> float | None:
        wrong = self.record(protocol, other)
        if wrong is None or None in (right.predictions, wrong.predictions):
            return None
        part, whole = contrasted(
            right.load_predictions(), wrong.load_predictions()
        )
        return 100 * part / whole

    def remarks(self, protocol: Protocol, columns: Sequence[Column]) -> str:
        """Say what differs from the declaration in the cells of columns."""
        cells = {cell.name: cell for cell in protocol.cells}
        found: dict[str, list[str]] = {}
        for name in dict.fromkeys(
            name for column in columns for name in cells_of(column.reduction)
        ):
            record = self._records.get(name)
            if record is not None:
                for remark in _remarks(protocol, cells[name], record):
                    found.setdefault(remark, []).append(name)
        return '; '.join(
            f'{_few(names)}: {remark}' for remark, names in found.items()
        )


def _few(names: Sequence[str]) -> str:
    """Name cells, or the first and the number of many."""
    if len(names) <= 4:
        return ', '.join(names)
    return f'{names[0]} and {len(names) - 1} more cells'


def _misfit(protocol: Protocol, record: Record) -> str | None:
    """Say why a record is not one of a protocol's cell, if so."""
    cell = next((c for c in protocol.cells if c.name == record.cell), None)
    if cell is None:
        return 'not a cell of the protocol'
    if record.version != cell.version:
        return (
            f'left out, measured under version {record.version} of the cell, '
            f'which is at {cell.version}'
        )
    declared, wanted = dict(record.declared), cell.to_dict()
    for key in ('data', 'vocabulary', 'run'):
        if declared.get(key, wanted[key]) != wanted[key]:
            return f'left out, {key} {declared[key]!r}, not {wanted[key]!r}'
    return None


def _remarks(protocol: Protocol, cell: Cell, record: Record) -> list[str]:
    misfit = _misfit(protocol, record)
    if misfit is not None:
        return [misfit]
    found = []
    setup = cell.setup.to_dict()
    other = [
        f'{key} {value}, declared {setup[key]}'
        for key, value in record.views.items()
        if key in setup and value != setup[key]
    ]
    if other:
        found.append('tested with ' + ', '.join(other))
    names = record.views.get('classnames', cell.vocabulary)
    if cell.vocabulary is not None and names != cell.vocabulary:
        found.append(f'class names {names}, declared {cell.vocabulary}')
    if cell.size is not None and record.videos != cell.size:
        found.append(f'{record.videos} of {cell.size} videos')
    if record.unreadable:
        found.append(f'{len(record.unreadable)} unreadable, counted as wrong')
    if record.selection and record.selection != str(protocol.selection):
        found.append(f'{record.selection}, declared {protocol.selection}')
    return found
