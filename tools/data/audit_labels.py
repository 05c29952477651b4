"""Check the labels of a list against the classes that its paths name.

    python tools/data/audit_labels.py LIST LABELS [--reference LIST]

LABELS is a file of class names (.txt, .csv, .json) or a built-in list such
as ucf101. UCF101 and HMDB51 name the class in each file name, other data in
the folder of the video (abseiling/0wR5jVB-WPk.mp4). Where paths name no
class, a second list with right labels decides (--reference), by video name
or YouTube id.

Exit code 0: all labels agree. 1: some do not, all are reported. 2: nothing
could be compared.
"""

import argparse

from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.preparation.label_audit import (
    LabelAudit,
    audit_labels,
    explain,
)
from mmovar.vocabulary import read_classnames


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Check the labels of a list against its paths.'
    )
    parser.add_argument('list', help='annotation list to check')
    parser.add_argument('labels', help='class names: a file or a built-in')
    parser.add_argument('--reference', help='list with right labels')
    parser.add_argument(
        '--show',
        type=int,
        default=3,
        help='paths to print of each disagreement, -1: all (default: 3)',
    )
    return parser.parse_args(argv)


def print_report(audit: LabelAudit, show: int) -> None:
    """Print the disagreements, label by label."""
    for found in audit.disagreements:
        given = 'no class' if found.given is None else repr(found.given)
        print(
            f'label {found.label} is {given}, {len(found.paths)} videos are '
            f'{found.known!r}:'
        )
        count = len(found.paths) if show < 0 else show
        pairs = list(zip(found.lines, found.paths, strict=True))
        for line, path in pairs[:count]:
            print(f'  line {line}: {path}')
        if len(pairs) > count:
            print(f'  and {len(pairs) - count} more')


def main(argv: list[str] | None = None) -> int:
    """Audit as the command line says; return the exit code."""
    args = parse_args(argv)
    classnames = read_classnames(args.labels)
    audit = audit_labels(args.list, classnames, args.reference)
    if not audit.checked:
        raise ValueError(
            f'none of the {audit.total} paths names a class; give a list with '
            'right labels by --reference'
        )
    print_report(audit, args.show)
    print(
        f'{audit.wrong} of {audit.checked} labels disagree '
        f'({audit.total - audit.checked} of {audit.total} videos could not '
        f'be compared). {explain(audit, classnames)}'.rstrip()
    )
    return 1 if audit.wrong else 0


if __name__ == '__main__':
    run(main)
