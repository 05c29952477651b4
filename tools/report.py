"""Make tables of records, beside the numbers of the papers.

    python tools/report.py work_dirs/benchmark --table tc-clip/1
    python tools/report.py RECORDS ... --protocol ep3 --format latex
    python tools/report.py RECORDS ... --format html --out report.html
    python tools/report.py RECORDS ... --compare open_mede vclip
    python tools/report.py RECORDS ... --protocol mini --seeds 0 1 \
        --columns 'known_*' --differences vclip:clip --readme FILE --mark NAME

Without --table and --protocol, every protocol that has a record is shown.
Rows are the methods of the records; --name tc_clip_llm='TC-CLIP, LLM texts'
puts records into a row of a paper's table. Rows are in the order of RECORDS.
Missing cells are named, and a mean with one of them is missing. --tables names
the tables, --tables PAPER/N ... the command of each of their rows:

    python tools/report.py --tables all --out configs/TABLES.md
"""

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from mmovar.atomic_write import write_text
from mmovar.benchmark import (
    PAPER_TABLES,
    PROTOCOLS,
    SETUPS,
    Protocol,
    Record,
    Results,
    build_protocol,
    get_table,
    paper_table,
    protocol_table,
    read_records,
)
from mmovar.benchmark.command_page import table_page
from mmovar.benchmark.details import compare, confusion_grid, differences
from mmovar.benchmark.formats import (
    TEXT_FORMATS,
    Grid,
    to_csv,
    to_grid,
    to_html,
)
from mmovar.command_line import ArgumentParser, run
from mmovar.output_path import output_file

FORMATS = (*TEXT_FORMATS, 'csv', 'html')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description='Make tables of records.')
    parser.add_argument('records', nargs='*', help='files or folders')
    parser.add_argument(
        '--tables',
        nargs='*',
        metavar='PAPER/N',
        help='name the tables of the papers; all, or these: their commands',
    )
    parser.add_argument('--table', nargs='+', default=[], metavar='PAPER/N')
    parser.add_argument(
        '--protocol', nargs='+', default=[], choices=PROTOCOLS, metavar='NAME'
    )
    parser.add_argument(
        '--setup', choices=SETUPS, help='of --protocol; default: the method'
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', help='of --protocol mini; default: all'
    )
    parser.add_argument(
        '--columns', nargs='+', metavar='GLOB', help='of --protocol, by title'
    )
    parser.add_argument(
        '--differences',
        nargs='+',
        default=[],
        metavar='OURS:THEIRS',
        help='paired, one number for each seed, split or draw',
    )
    parser.add_argument('--name', nargs='+', default=[], metavar='METHOD=ROW')
    parser.add_argument(
        '--compare',
        nargs=2,
        metavar=('OURS', 'THEIRS'),
        help='gains by class, and a paired bootstrap over videos',
    )
    parser.add_argument(
        '--confusions',
        type=int,
        default=0,
        metavar='N',
        help='most frequent confusions of each record',
    )
    parser.add_argument('--resamples', type=int, default=10000)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--digits', type=int, default=1)
    parser.add_argument('--format', choices=FORMATS, default='markdown')
    parser.add_argument('--out', type=output_file, metavar='FILE')
    parser.add_argument(
        '--readme', type=Path, metavar='FILE', help='write the report into it'
    )
    parser.add_argument(
        '--mark',
        metavar='NAME',
        help='between <!-- NAME:start --> and <!-- NAME:end -->',
    )
    args = parser.parse_args(argv)
    if not args.records and args.tables is None:
        parser.error('give files or folders of records, or --tables')
    if args.format == 'csv' and (
        args.compare or args.confusions or args.differences
    ):
        parser.error('csv is of tables alone')
    if any(pair.count(':') != 1 for pair in args.differences):
        parser.error('--differences takes OURS:THEIRS')
    if (args.readme is None) != (args.mark is None):
        parser.error('--readme and --mark belong together')
    return args


def main(argv: list[str] | None = None) -> str:
    """Write the report and return it."""
    args = parse_args(argv)
    if args.tables is None:
        text = report(args)
    elif args.tables:
        names = PAPER_TABLES if args.tables == ['all'] else args.tables
        text = table_page([get_table(name) for name in names])
    else:
        text = ''.join(f'{t.name}: {t.title}\n' for t in PAPER_TABLES.values())
    if args.readme is not None:
        write_block(args.readme, text, args.mark)
    if args.out is None:
        print(text, end='')
    else:
        write_text(args.out, text)
    return text


def report(args: argparse.Namespace) -> str:
    """Lay out all that the command line asks for.

    Raises:
        SystemExit: If there is no record.
    """
    records = read_records(args.records)
    if not records:
        raise SystemExit(f'no record in {args.records}')
    by_method = group(records, dict(n.split('=', 1) for n in args.name))
    results = {name: Results(of) for name, of in by_method.items()}
    tables = [paper_table(get_table(name), results) for name in args.table]
    protocols = protocols_of(args, by_method)
    tables += [
        protocol_table(protocol, {name: results[name] for name in methods})
        for protocol, methods in protocols
    ]
    if args.format == 'csv':
        return to_csv(tables)
    grids = [to_grid(table, args.digits) for table in tables]
    grids += paired(args, protocols, results)
    grids += details(args, by_method)
    if args.format == 'html':
        return to_html(grids, 'Benchmark report')
    return TEXT_FORMATS[args.format](grids)


def group(
    records: Sequence[Record], names: Mapping[str, str]
) -> dict[str, list[Record]]:
    """Group records by method, under the name of their row."""
    found: dict[str, list[Record]] = {}
    for record in records:
        name = names.get(record.method, record.method)
        found.setdefault(name, []).append(record)
    return found


def protocols_of(
    args: argparse.Namespace, by_method: Mapping[str, Sequence[Record]]
) -> list[tuple[Protocol, list[str]]]:
    """List the protocols asked for, or all that have a record.

    Returns:
        Each as its methods are set up, with these methods.
    """
    names = args.protocol
    if not names and (args.differences or not args.table):
        used = {r.protocol for of in by_method.values() for r in of}
        names = [name for name in PROTOCOLS if name in used]
    found: dict[str, tuple[Protocol, list[str]]] = {}
    for name in names:
        for method, records in by_method.items():
            setup = args.setup or _setup(records, method)
            protocol = build_protocol(name, setup, args.seeds)
            if args.columns:
                protocol = _only(protocol, args.columns)
            found.setdefault(protocol.tag, (protocol, []))[1].append(method)
    return list(found.values())


def _only(protocol: Protocol, patterns: Sequence[str]) -> Protocol:
    """Keep the columns whose title fits a glob."""
    columns = tuple(
        column
        for column in protocol.columns
        if any(fnmatchcase(column.title, pattern) for pattern in patterns)
    )
    if not columns:
        titles = [column.title for column in protocol.columns]
        raise SystemExit(
            f'no column of {protocol.name} fits {patterns}, only {titles}'
        )
    return replace(protocol, columns=columns)


def paired(
    args: argparse.Namespace,
    protocols: Sequence[tuple[Protocol, list[str]]],
    results: Mapping[str, Results],
) -> list[Grid]:
    """Lay out the differences asked for, as the first method is set up."""
    pairs = [tuple(pair.split(':')) for pair in args.differences]
    _check((name for pair in pairs for name in pair), results)
    grids = []
    for protocol, methods in protocols:
        here = [pair for pair in pairs if pair[0] in methods]
        if here:
            grids.append(differences(protocol, results, here, args.digits))
    return grids


def _check(methods: Iterable[str], known: Iterable[str]) -> None:
    missing = sorted(set(methods) - set(known))
    if missing:
        raise SystemExit(f'no record of {missing}, only {[*known]}')


def _setup(records: Sequence[Record], method: str) -> str:
    """Tell the setup that the cells of a method are declared for."""
    for record in records:
        name = record.declared.get('setup', {}).get('name')
        if name in SETUPS and name != 'mini':
            return name
    return method if method in SETUPS else 'open_mede'


def details(
    args: argparse.Namespace, by_method: Mapping[str, Sequence[Record]]
) -> list[Grid]:
    """Lay out confusions and comparisons."""
    grids = []
    if args.compare:
        _check(args.compare, by_method)
        ours, theirs = (by_method[method] for method in args.compare)
        grids += compare(args.compare, ours, theirs, args.resamples, args.seed)
    if args.confusions:
        grids += [
            confusion_grid(record, method, args.confusions)
            for method, records in by_method.items()
            for record in records
            if record.predictions
        ]
    return grids


def write_block(file: Path, text: str, mark: str) -> None:
    """Put a text between two marks of a file, its headings one level down.

    Raises:
        ValueError: If the marks are not there, in this order.
    """
    first, last = f'<!-- {mark}:start -->', f'<!-- {mark}:end -->'
    content = file.read_text(encoding='utf-8')
    head, start, rest = content.partition(first)
    _, end, tail = rest.partition(last)
    if not start or not end:
        raise ValueError(f'{file} must contain {first} and, below, {last}')
    text = re.sub('^## ', '### ', text, flags=re.MULTILINE)
    write_text(file, f'{head}{first}\n{text}{last}{tail}')


if __name__ == '__main__':
    run(main)
