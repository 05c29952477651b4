"""Prepare the embedded benchmark `mini`: videos, lists and a tiny CLIP.

    python tools/data/prepare_mini.py [--data-root data] [--seeds 0 1 2]

Nothing is downloaded. Each seed has about 3300 mp4 files of 32 x 32 pixels
and a CLIP of 0.6 million parameters; that of seed 0 ships, others are
pre-trained (minutes). What is there is kept; an interrupted call goes on
where it was.
"""

import argparse
import os

from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.sources import DATA_VARIABLE
from mmovar.mini.prepare import MiniRecipe, prepare_mini


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    default = MiniRecipe()
    parser = ArgumentParser(
        description='Render the mini benchmark and get its CLIP.'
    )
    parser.add_argument(
        '--data-root',
        default=os.environ.get(DATA_VARIABLE, 'data'),
        help=f'default: ${DATA_VARIABLE}, else data',
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[0], help='videos and CLIPs'
    )
    parser.add_argument(
        '--rho',
        type=float,
        default=default.rho,
        help='share of training videos in the usual scene of their class',
    )
    parser.add_argument(
        '--train-per-class', type=int, default=default.train_per_class
    )
    parser.add_argument(
        '--test-per-class',
        type=int,
        default=default.test_per_class,
        help='of known ones, a multiple of 5; twice as many of novel ones',
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Prepare the benchmark as the command line says."""
    args = parse_args(argv)
    recipe = MiniRecipe(
        rho=args.rho,
        train_per_class=args.train_per_class,
        test_per_class=args.test_per_class,
    )
    folder = prepare_mini(args.data_root, args.seeds, recipe)
    print(f'mini is ready in {folder}')


if __name__ == '__main__':
    run(main)
