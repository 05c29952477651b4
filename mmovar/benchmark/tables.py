"""Tables of one's own numbers beside the papers'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .paper_numbers import (
    PaperNumber,
    find_numbers,
    notes_on,
    paper_titles,
)
from .paper_tables import Key, PaperTable
from .protocol import Protocol
from .reduction import Column, Number
from .results import Results

METHOD_TITLES: dict[str, tuple[str, ...]] = {
    'clip': ('Frozen CLIP', 'Vanilla CLIP', 'CLIP* (frame-wise)'),
    'vifi_clip': ('ViFi-CLIP', 'Embedding fusion'),
    'vclip': ('VCLIP', 'VCLIP (plain)', 'Fine-tune (VCLIP)'),
    'open_vclip': ('Open-VCLIP',),
    'tc_clip': ('TC-CLIP',),
    'open_mede': ('Open-MeDe',),
    'froster': ('FROSTER',),
    'x_clip': ('X-CLIP',),
    'st_adapter': ('ST-Adapter',),
    'vita_clip': ('Vita-CLIP',),
}
"""Name of a method in records to what the papers call it."""


@dataclass(frozen=True)
class Entry:
    """One's own number and the paper's."""

    column: str
    ours: Number
    paper: PaperNumber | None = None
    measured: bool = True
    """Whether any protocol measures the column."""

    @property
    def difference(self) -> float | None:
        """Ours minus the paper's, in points; None if one is missing."""
        if self.paper is None or self.ours.value is None:
            return None
        return self.ours.value - self.paper.value


@dataclass(frozen=True)
class Table:
    """Rows of entries, one for each method and column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Entry, ...]], ...]
    declaration: tuple[str, ...] = ()
    """All that the numbers stand on: lists, views, text, reductions."""
    findings: tuple[str, ...] = ()
    """Sentences about the numbers."""
    footnotes: tuple[str, ...] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Method to the cells that it lacks."""


def protocol_table(
    protocol: Protocol,
    results: Mapping[str, Results],
    paper: str | None = None,
) -> Table:
    """Lay out a protocol: one row a method, beside the paper's numbers.

    Args:
        protocol: The protocol.
        results: Method to its results.
        paper: Key of the paper to compare with; None for the first that
            prints the number.
    """
    rows = []
    for method, result in results.items():
        rows.append(
            (
                protocol.row_title(method),
                tuple(
                    Entry(
                        column.title,
                        result.number(protocol, column),
                        _published(method, protocol, column, paper),
                    )
                    for column in protocol.columns
                ),
            )
        )

    def percent(method: str, column: Column) -> float | None:
        if method not in results:
            return None
        return results[method].number(protocol, column).value

    sentences = (found.sentence(percent) for found in protocol.findings)
    table = _table(
        protocol.title,
        [column.title for column in protocol.columns],
        rows,
        [(protocol, list(protocol.columns))],
        results,
    )
    return replace(table, findings=tuple(filter(None, sentences)))


def paper_table(table: PaperTable, results: Mapping[str, Results]) -> Table:
    """Lay out a table of a paper: its rows, and one's own beside them.

    Args:
        table: Which one.
        results: Row title, or a method of :data:`METHOD_TITLES`, to results.

    Returns:
        The rows of the paper in its order, then methods it does not have.
    """
    keys = table.keys()
    found = [table.column(key) for key in keys]
    several = len({k[0] for k in keys if '_ep' in k[0]}) > 1
    titles = [_title(key, several) for key in keys]
    used, rows = set(), []
    for label, published in _paper_rows(table).items():
        method = _method_of(published, label, results)
        used.add(method)
        rows.append(
            (label, _entries(keys, titles, found, published, results, method))
        )
    rows += [
        (method, _entries(keys, titles, found, {}, results, method))
        for method in results
        if method not in used
    ]
    grouped: list[tuple[Protocol, list[Column]]] = []
    for source in filter(None, found):
        if grouped and grouped[-1][0].name == source[0].name:
            grouped[-1][1].append(source[1])
        else:
            grouped.append((source[0], [source[1]]))
    return _table(
        f'{paper_titles()[table.paper]}, Table {table.table}: {table.title}',
        titles,
        rows,
        grouped,
        results,
    )


def _paper_rows(table: PaperTable) -> dict[str, dict[Key, PaperNumber]]:
    """Group the numbers of a table by rows; labels are unique."""
    numbers = table.numbers()
    if not numbers:
        return {label: {} for label in table.axis[0]}
    rows: dict[str, dict[Key, PaperNumber]] = {}
    for n in numbers:
        same = [m for m in numbers if m.method == n.method]
        parts = [n.method]
        # several rows of a method are told apart by what they differ in
        if len({_key(m) for m in same}) < len(same):
            parts += [
                'LLM texts' if mark == 'llm' else str(getattr(n, mark))
                for mark in ('backbone', 'train', 'llm', 'frames', 'views')
                if len({getattr(m, mark) for m in same}) > 1
                and getattr(n, mark) is not None
            ]
        rows.setdefault(', '.join(parts), {})[_key(n)] = n
    return rows


def _key(number: PaperNumber) -> Key:
    return number.protocol, number.dataset, number.metric, number.shots


def _method_of(
    published: Mapping[Key, PaperNumber],
    label: str,
    results: Mapping[str, Results],
) -> str | None:
    """Find the results that belong to a row of the paper."""
    if label in results:
        return label
    some = next(iter(published.values()), None)
    if some is None or some.llm or some.method not in label:
        return None
    if some.backbone not in (None, 'ViT-B/16'):
        return None
    for method in results:
        if some.method in METHOD_TITLES.get(method, ()):
            return method
    return None


def _entries(
    keys: Sequence[Key],
    titles: Sequence[str],
    found: Sequence[tuple[Protocol, Column] | None],
    published: Mapping[Key, PaperNumber],
    results: Mapping[str, Results],
    method: str | None,
) -> tuple[Entry, ...]:
    entries = []
    for key, title, source in zip(keys, titles, found, strict=True):
        ours = Number(None)
        if source is not None and method is not None:
            ours = results[method].number(*source)
        entries.append(
            Entry(title, ours, published.get(key), source is not None)
        )
    return tuple(entries)


def _published(
    method: str, protocol: Protocol, column: Column, paper: str | None
) -> PaperNumber | None:
    names = METHOD_TITLES.get(method, (method,))
    found = [
        number
        for key in protocol.paper_keys
        for number in find_numbers(
            protocol=key, dataset=column.dataset, metric=column.metric
        )
        if number.method in names
        and number.shots == column.shots
        and not number.llm
        and number.backbone in (None, 'ViT-B/16')
        and (paper is None or number.paper == paper)
    ]
    own = [n for n in found if n.paper.replace('-', '_') == method]
    return next(iter(own or found), None)


def _table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, tuple[Entry, ...]]],
    sources: Sequence[tuple[Protocol, list[Column]]],
    results: Mapping[str, Results],
) -> Table:
    numbers = [e.paper for _, entries in rows for e in entries if e.paper]
    remarks: dict[str, list[str]] = {}
    for method, result in results.items():
        for protocol, columns_of in sources:
            if text := result.remarks(protocol, columns_of):
                remarks.setdefault(text, []).append(method)
    missing = {
        row: names
        for row, entries in rows
        if (names := tuple(_missing(entries)))
    }
    return Table(
        title=title,
        columns=tuple(columns),
        rows=tuple(rows),
        declaration=tuple(
            line for source in sources for line in declaration(*source)
        ),
        footnotes=(
            *notes_on(numbers),
            *(f'{", ".join(of)}: {text}' for text, of in remarks.items()),
        ),
        missing=missing,
    )


def _missing(entries: Sequence[Entry]) -> dict[str, None]:
    return dict.fromkeys(name for e in entries for name in e.ours.missing)


def declaration(protocol: Protocol, columns: Sequence[Column]) -> list[str]:
    """Write down what the columns of a protocol stand on."""
    lines = [f'{protocol.tag}: {protocol.title}. {protocol.cells[0].setup}.']
    lines.append(f'Checkpoint: {protocol.selection}.')
    reductions: dict[str, list[str]] = {}
    for column in columns:
        reductions.setdefault(str(column.reduction), []).append(column.title)
    texts = (f'{", ".join(of)}: {text}' for text, of in reductions.items())
    lines.append(f'Columns: {"; ".join(texts)}.')
    return [*lines, *protocol.notes]


def _title(key: Key, several: bool) -> str:
    protocol, dataset, metric, shots = key
    end = '' if shots is None else f' K={shots}'
    ep = protocol.rpartition('_')[2].upper()
    part = f' {ep}' if several and ep.startswith('EP') else ''
    return f'{dataset}{part}{end} {metric}'
