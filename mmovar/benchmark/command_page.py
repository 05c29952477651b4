"""A page that gives the command of every row of tables."""

from collections.abc import Iterable, Sequence

from .paper_numbers import PaperNumber, paper_titles
from .paper_tables import PaperTable
from .table_commands import TableRow, open_points, table_rows

_HEAD = """# The rows of the papers' tables

Written by `python tools/report.py --tables all --out configs/TABLES.md`.
Each row has the commands that train what is not trained yet, test it and
record its numbers, or why there is none; `python tools/report.py
work_dirs/benchmark --table PAPER/N --name FOLDER='ROW'` then prints yours
beside the paper's. `--gpus 8` or `--slurm PARTITION` may follow each
`tools/benchmark.py`; CKPT and FROSTER.pth stand for files of yours.
"""


def table_page(tables: Iterable[PaperTable]) -> str:
    """Lay out the rows of tables in Markdown.

    Args:
        tables: Of :data:`PAPER_TABLES`.
    """
    return '\n'.join([_HEAD, *map(_section, tables)])


def _section(table: PaperTable) -> str:
    title = f'{paper_titles()[table.paper]}, Table {table.table}'
    lines = [f'## {title.replace("Table fig", "Figure ")}: {table.title}', '']
    lines += [f'Open: {point}.' for point in open_points(table)]
    if len(lines) > 2:
        lines.append('')
    lines += ['| row | paper | command |', '|---|---|---|']
    for row in table_rows(table):
        what = '<br>'.join(f'`{line}`' for line in _loops(row.commands))
        lines.append(
            f'| {row.method} | {_numbers(row)} | {what or row.reason} |'
        )
    return '\n'.join([*lines, ''])


def _loops(commands: Sequence[str]) -> list[str]:
    """Write commands that differ in the protocol alone as one loop."""
    tool = 'python tools/benchmark.py '
    names: dict[str, list[str]] = {}
    for command in commands:
        if command.startswith(tool):
            name, rest = command.removeprefix(tool).split(' ', 1)
            names.setdefault(rest, []).append(name)
        else:
            names[command] = []
    return [
        rest
        if not of
        else f'{tool}{of[0]} {rest}'
        if len(of) == 1
        else f'for p in {" ".join(of)}; do {tool}$p {rest}; done'
        for rest, of in names.items()
    ]


def _numbers(row: TableRow) -> str:
    """Write the numbers of a row, those of one column beside each other."""
    columns: dict[str, list[str]] = {}
    for number in row.numbers:
        columns.setdefault(_column(number), []).append(f'{number.value:g}')
    return ', '.join(f'{k} {" / ".join(v)}' for k, v in columns.items())


def _column(number: PaperNumber) -> str:
    metric = '' if number.metric == 'top1' else f' {number.metric}'
    return number.dataset + metric
