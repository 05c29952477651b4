"""Tables as Markdown, LaTeX, csv and HTML."""

import csv
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .paper_numbers import notes_on
from .reduction import Number
from .tables import Entry, Table

MISSING = 'missing'
UNMEASURED = 'n/a'


@dataclass(frozen=True)
class Grid:
    """Text in rows and columns, with a title and notes."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def to_grid(table: Table, digits: int = 1) -> Grid:
    """Lay a table out: a line each for yours, the paper's, the difference.

    Args:
        table: The table. If no paper has a number of it, yours alone is
            shown, without a column that says so.
        digits: Decimals.
    """
    rows = []
    published = any(e.paper for _, entries in table.rows for e in entries)
    for label, entries in table.rows:
        empty = ('-', UNMEASURED)
        kinds = [
            ('yours', [show_number(e, digits) for e in entries]),
            ('paper', [_show_paper(e, digits, table) for e in entries]),
            ('difference', [_show_difference(e, digits) for e in entries]),
        ]
        rows += [
            (label, *([kind] if published else []), *cells)
            for kind, cells in kinds
            if any(cell not in empty for cell in cells)
            or (kind == 'yours' and not any(e.paper for e in entries))
        ]
    missing = tuple(
        f'{label} lacks {len(cells)} cells: {", ".join(cells)}.'
        for label, cells in table.missing.items()
    )
    notes = tuple(f'[{i}] {n}' for i, n in enumerate(table.footnotes, 1))
    return Grid(
        table.title,
        ('method', *([''] if published else []), *table.columns),
        tuple(rows),
        table.declaration,
        (*table.findings, *missing, *notes),
    )


def show_number(entry: Entry, digits: int = 1) -> str:
    """Write one's own number: with its deviation, or that it is missing."""
    if not entry.measured:
        return UNMEASURED
    return _show(entry.ours, digits)


def _show(number: Number, digits: int) -> str:
    if number.value is None:
        return MISSING if number.missing else '-'
    text = f'{number.value:.{digits}f}'
    return text if number.std is None else f'{text} ± {number.std:.{digits}f}'


def _show_paper(entry: Entry, digits: int, table: Table) -> str:
    """Write the paper's number and the marks of its footnotes."""
    if entry.paper is None:
        return '-'
    text = f'{entry.paper.value:.{digits}f}'
    if entry.paper.std is not None:
        text += f' ± {entry.paper.std:.{digits}f}'
    marks = [table.footnotes.index(n) + 1 for n in notes_on([entry.paper])]
    return text + ''.join(f' [{mark}]' for mark in marks)


def _show_difference(entry: Entry, digits: int) -> str:
    value = entry.difference
    return '-' if value is None else f'{value:+.{digits}f}'


def to_markdown(grids: Sequence[Grid]) -> str:
    """Write grids as Markdown, aligned so that they read as they are."""
    parts = []
    for grid in grids:
        cells = [
            [_markdown(cell).replace('|', r'\|') for cell in row]
            for row in (grid.headers, *grid.rows)
        ]
        widths = [max(3, *map(len, of)) for of in zip(*cells, strict=True)]
        cells.insert(1, ['-' * width for width in widths])
        lines = [' | '.join(map(str.ljust, row, widths)) for row in cells]
        parts += [
            f'## {_markdown(grid.title)}',
            '\n'.join(f'- {_markdown(note)}' for note in grid.before),
            '\n'.join(f'| {line} |' for line in lines),
            '\n'.join(f'- {_markdown(note)}' for note in grid.after),
        ]
    return '\n\n'.join(filter(None, parts)) + '\n'


def _markdown(text: str) -> str:
    """Keep text text: no HTML, and nothing that ends a line of a table."""
    return html.escape(' '.join(text.splitlines()), quote=False)


_LATEX = str.maketrans(
    {
        '\\': r'\textbackslash{}',
        '±': r'$\pm$',
        '~': r'\textasciitilde{}',
        '^': r'\textasciicircum{}',
        **{char: f'\\{char}' for char in '&%$#_{}'},
    }
)


def to_latex(grids: Sequence[Grid]) -> str:
    """Write grids as LaTeX tables; needs no package."""
    lines = []
    for grid in grids:
        header, *rows = (
            ' & '.join(cell.translate(_LATEX) for cell in row) + r' \\'
            for row in (grid.headers, *grid.rows)
        )
        text = ' '.join([f'{grid.title}.', *grid.before, *grid.after])
        columns = ('ll' + 'r' * len(grid.headers))[: len(grid.headers)]
        lines += [
            r'\begin{table}',
            rf'\caption{{{text.translate(_LATEX)}}}',
            rf'\begin{{tabular}}{{{columns}}}',
            *(r'\hline', header, r'\hline', *rows, r'\hline'),
            '\\end{tabular}\n\\end{table}\n',
        ]
    return '\n'.join(lines)


def to_csv(tables: Sequence[Table]) -> str:
    """Write one line for each entry, with all digits."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(
        ['table', 'method', 'column', 'value', 'std', 'ddof', 'count']
        + ['paper', 'paper_std', 'difference', 'missing']
    )
    for table in tables:
        for label, entries in table.rows:
            for e in entries:
                paper = e.paper and (e.paper.value, e.paper.std)
                names = map(csv_text, (table.title, label, e.column))
                writer.writerow(
                    [*names, e.ours.value, e.ours.std]
                    + [e.ours.ddof, e.ours.count, *(paper or ('', ''))]
                    + [e.difference, csv_text(' '.join(e.ours.missing))]
                )
    return out.getvalue()


def csv_text(text: str) -> str:
    """Mark text that a spreadsheet would take for a formula."""
    return f"'{text}" if text[:1] in tuple('=+-@\t\r') else text


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{ title }}</title>
<style>
body { font: 14px sans-serif; margin: 2em auto; max-width: 90em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: .2em .7em; text-align: right; white-space: nowrap; }
th { border-bottom: 1px solid #999; }
td:first-child, th:first-child, td:nth-child(2) { text-align: left; }
tr.paper td, tr.difference td { color: #777; }
tr.yours td { border-top: 1px solid #ddd; }
td.missing { color: #a22; }
div { overflow-x: auto; }
li { color: #555; }
</style>
<h1>{{ title }}</h1>
{% macro list(notes) %}
{% if notes %}<ul>{% for n in notes %}<li>{{ n }}</li>{% endfor %}</ul>
{% endif %}
{% endmacro %}
{% for grid in grids %}
<h2>{{ grid.title }}</h2>
{{ list(grid.before) }}
<div><table>
<tr>{% for text in grid.headers %}<th>{{ text }}</th>{% endfor %}</tr>
{% for row in grid.rows %}
<tr class="{{ row[1] if row[1] in kinds else 'plain' }}">
{%- for cell in row %}
<td{{ ' class=missing' if cell == missing }}>{{ cell }}</td>
{%- endfor %}</tr>
{% endfor %}
</table></div>
{{ list(grid.after) }}
{% endfor %}
"""


def to_html(grids: Sequence[Grid], title: str) -> str:
    """Write one page that needs no other file."""
    from jinja2 import Environment

    page = Environment(autoescape=True, trim_blocks=True).from_string(_PAGE)
    kinds = ('yours', 'paper', 'difference')
    return page.render(title=title, grids=grids, kinds=kinds, missing=MISSING)


TEXT_FORMATS: dict[str, Callable[[Sequence[Grid]], str]] = {
    'markdown': to_markdown,
    'latex': to_latex,
}
"""Formats that are functions of grids alone."""
