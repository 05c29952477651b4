"""Try faults of every kind, drawn from a seed, and print what came of them.

    PYTHONPATH=.:tests python -m campaign [--seed 1] [--only kills videos]

Takes half an hour on two cores. Exit code 1 if one of them is not right.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tqdm import tqdm

from helpers.light_runner import lighten

from .inputs import command_line_inputs, text_inputs
from .kill_jobs import kills
from .numbers import numbers
from .outcome import VERDICTS, Outcome
from .videos import videos
from .weights import weight_files

FAMILIES: dict[str, Callable[[Path, random.Random, float], Iterator]] = {
    'kills': kills,
    'videos': videos,
    'weights': weight_files,
    'numbers': numbers,
    'texts': text_inputs,
    'command lines': command_line_inputs,
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog='campaign', description=__doc__)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--only', nargs='+', choices=FAMILIES)
    parser.add_argument(
        '--share',
        type=float,
        default=1.0,
        help='of the number of faults, 1: more than 50 kills, 300 inputs',
    )
    return parser.parse_args(argv)


def table(outcomes: list[Outcome]) -> str:
    """Lay out how many faults of each kind ended how, as markdown."""
    shown = [v for v in VERDICTS if any(o.verdict == v for o in outcomes)]
    lines = [
        '| | what | tried | ' + ' | '.join(shown) + ' |',
        '|---' * (len(shown) + 3) + '|',
    ]
    kinds = dict.fromkeys((o.family, o.kind) for o in outcomes)
    for key in [*kinds, ('all', '')]:
        some = [
            o for o in outcomes if key in ((o.family, o.kind), ('all', ''))
        ]
        count = Counter(o.verdict for o in some)
        numbers = [len(some), *(count[verdict] for verdict in shown)]
        lines.append(f'| {" | ".join([*key, *map(str, numbers)])} |')
    return '\n'.join(lines)


def main(argv: list[str] | None = None) -> int:
    """Run the campaign."""
    args = parse_args(argv)
    lighten()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix='campaign_') as folder:
        for name in args.only or FAMILIES:
            place = Path(folder) / name
            place.mkdir()
            rng = random.Random(f'{args.seed} {name}')
            for outcome in tqdm(FAMILIES[name](place, rng, args.share), name):
                outcomes.append(outcome)
                if not outcome.good:
                    tqdm.write(str(outcome), file=sys.stderr)
    print(table(outcomes))
    return int(not all(outcome.good for outcome in outcomes))


if __name__ == '__main__':
    sys.exit(main())
