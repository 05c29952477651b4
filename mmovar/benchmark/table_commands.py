"""The command of every row of the papers' tables, or why there is none."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .paper_numbers import PaperNumber, notes_on
from .paper_tables import PaperTable

_FILE = Path(__file__).parent / 'data' / 'table_commands.json'


class TableRow(NamedTuple):
    """A row of a table of a paper."""

    method: str
    """As the paper calls it."""
    commands: tuple[str, ...]
    """What trains, tests and records it, in this order, as a shell has it."""
    reason: str
    """Why there is no command; empty if there is one."""
    numbers: tuple[PaperNumber, ...]


@cache
def _content() -> dict[str, Any]:
    return json.loads(_FILE.read_text(encoding='utf-8'))


def table_rows(table: PaperTable) -> list[TableRow]:
    """Return the rows of a table.

    A row is declared as what follows ``python tools/benchmark.py PROTOCOL``,
    for each protocol that measures its numbers; as a whole command; or as
    ``'@'`` and the key of a reason.

    Raises:
        KeyError: If a row is not declared.
    """
    given = _content()['rows'][table.name]
    numbers: dict[str, list[PaperNumber]] = {method: [] for method in given}
    for number in table.numbers():
        numbers[number.method].append(number)
    return [
        _row(table, method, given[method], found)
        for method, found in numbers.items()
    ]


def open_points(table: PaperTable) -> list[str]:
    """Return what a paper leaves undecided in a table, and what is odd."""
    own = _content()['open'].get(table.name)
    return [*filter(None, (own, table.note)), *notes_on(table.numbers())]


def _row(
    table: PaperTable,
    method: str,
    given: str | list[str],
    numbers: list[PaperNumber],
) -> TableRow:
    lines = [given] if isinstance(given, str) else given
    if lines[0].startswith('@'):
        reason = _content()['reasons'][lines[0][1:]]
        return TableRow(method, (), reason, tuple(numbers))
    commands: list[str] = []
    for line in lines:
        if line.startswith('python '):
            commands.append(line)
        else:
            commands += [
                f'python tools/benchmark.py {name} {line}'
                for name in _protocols(table, numbers)
            ]
    return TableRow(method, tuple(commands), '', tuple(numbers))


def _protocols(table: PaperTable, numbers: list[PaperNumber]) -> Iterator[str]:
    """Name the protocols whose cells give the numbers of a row."""
    keys = dict.fromkeys(number.protocol for number in numbers)
    names = dict.fromkeys(n for key in keys for n in table.sources[key])
    # zero-shot is ep3 and a K600 in one
    return (n for n in names if n != 'zero-shot' or 'ep3' not in names)
