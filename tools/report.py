"""Make tables of records, beside the numbers of the papers.

    python tools/report.py work_dirs/benchmark --table tc-clip/1
    python tools/report.py RECORDS ... --protocol ep3 --format latex
    python tools/report.py RECORDS ... --format html --out report.html
    python tools/report.py RECORDS ... --compare open_mede vclip

Without --table and --protocol, every protocol that has a record is shown.
Rows are the methods of the records; --name tc_clip_llm='TC-CLIP, LLM texts'
puts records into a row of a paper's table. Missing cells are named, and a
mean with one of them is missing. --tables names the tables.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmovar.evaluation import (
    PAPER_TABLES,
    PROTOCOLS,
    SETUPS,
    Record,
    Results,
    Table,
    build_protocol,
    get_table,
    paper_table,
    protocol_table,
    read_records,
)
from mmovar.evaluation.details import compare, confusion_grid
from mmovar.evaluation.formats import (
    TEXT_FORMATS,
    Grid,
    to_csv,
    to_grid,
    to_html,
)

FORMATS = (*TEXT_FORMATS, 'csv', 'html')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Make tables of records.')
    parser.add_argument('records', nargs='*', help='files or folders')
    parser.add_argument(
        '--tables', action='store_true', help='name the tables of the papers'
    )
    parser.add_argument('--table', nargs='+', default=[], metavar='PAPER/N')
    parser.add_argument(
        '--protocol', nargs='+', default=[], choices=PROTOCOLS, metavar='NAME'
    )
    parser.add_argument(
        '--setup', choices=SETUPS, help='of --protocol; default: the method'
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
    parser.add_argument('--out', type=Path, metavar='FILE')
    args = parser.parse_args(argv)
    if not args.records and not args.tables:
        parser.error('give files or folders of records, or --tables')
    return args


def main(argv: list[str] | None = None) -> str:
    """Write the report and return it."""
    args = parse_args(argv)
    if args.tables:
        text = ''.join(f'{t.name}: {t.title}\n' for t in PAPER_TABLES.values())
    else:
        text = report(args)
    if args.out is None:
        print(text, end='')
    else:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text, encoding='utf-8')
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
    tables += protocol_tables(args, by_method, results)
    if args.format == 'csv':
        return to_csv(tables)
    grids = [to_grid(table, args.digits) for table in tables]
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


def protocol_tables(
    args: argparse.Namespace,
    by_method: Mapping[str, Sequence[Record]],
    results: Mapping[str, Results],
) -> list[Table]:
    """Lay out the protocols asked for, or all that have a record."""
    names = args.protocol
    if not names and not args.table:
        used = {r.protocol for of in by_method.values() for r in of}
        names = [name for name in PROTOCOLS if name in used]
    tables = []
    for name in names:
        groups: dict[str, dict[str, Results]] = {}
        for method, records in by_method.items():
            setup = args.setup or _setup(records, method)
            groups.setdefault(setup, {})[method] = results[method]
        tables += [
            protocol_table(build_protocol(name, setup), of)
            for setup, of in groups.items()
        ]
    return tables


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
        missing = [m for m in args.compare if m not in by_method]
        if missing:
            raise SystemExit(f'no record of {missing}, only {[*by_method]}')
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


if __name__ == '__main__':
    main()
