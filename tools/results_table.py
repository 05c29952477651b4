"""Print a table of what tools/test.py wrote.

    python tools/results_table.py NAME=results.json ... [--metric acc/top1]

One row per file, one column per test set; values in percent. A set that a
file lacks is shown as a dash.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Print a table of results.')
    parser.add_argument('results', nargs='+', metavar='NAME=FILE.json')
    parser.add_argument('--metric', default='acc/top1')
    parser.add_argument('--sets', nargs='+', help='default: all, as tested')
    args = parser.parse_args(argv)
    for result in args.results:
        if '=' not in result:
            parser.error(f'{result!r} is not of the form NAME=FILE.json')
    return args


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    args = parse_args(argv)
    rows = {}
    for result in args.results:
        name, _, path = result.partition('=')
        metrics = json.loads(Path(path).read_text())
        rows[name] = _by_set(metrics, args.metric)
    sets = args.sets or list(
        dict.fromkeys(s for r in rows.values() for s in r)
    )
    print('\n'.join(format_table(rows, sets)))


def _by_set(metrics: Mapping[str, float], metric: str) -> dict[str, float]:
    """Pick one metric: ``'{set}/{metric}'`` becomes ``'{set}'``."""
    end = f'/{metric}'
    return {k[: -len(end)]: v for k, v in metrics.items() if k.endswith(end)}


def format_table(
    rows: Mapping[str, Mapping[str, float]], sets: list[str]
) -> list[str]:
    """Lay out a table in Markdown that can also be read as it is.

    Args:
        rows: Name of a row to its values, by set, in 0..1.
        sets: Names of the columns.

    Returns:
        The lines.
    """
    cells = [['', *sets]]
    for name, values in rows.items():
        shown = [
            f'{100 * values[s]:.1f}' if s in values else '-' for s in sets
        ]
        cells.append([name, *shown])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        '| '
        + ' | '.join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(
                zip(row, widths, strict=True)
            )
        )
        + ' |'
        for row in cells
    ]
    rule = ['-' * widths[0], *('-' * (w - 1) + ':' for w in widths[1:])]
    return [lines[0], '| ' + ' | '.join(rule) + ' |', *lines[1:]]


if __name__ == '__main__':
    main()
