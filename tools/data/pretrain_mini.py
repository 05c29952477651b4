"""Pre-train the tiny CLIP of `mini`, as the one that ships was.

    python tools/data/pretrain_mini.py --seed 0 --out mmovar/mini/data

The same seed gives the same file on the same machine, whatever its load. One
core is used. tools/data/prepare_mini.py makes those of other seeds by itself.
"""

import argparse
from pathlib import Path

from mmovar.command_line import ArgumentParser, run
from mmovar.mini.pretrain import PretrainRecipe
from mmovar.mini.tiny_clip import make_clip


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    default = PretrainRecipe()
    parser = ArgumentParser(description='Pre-train the CLIP of mini.')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--out', type=Path, required=True, help='a folder')
    parser.add_argument('--num-stills', type=int, default=default.num_stills)
    parser.add_argument('--epochs', type=int, default=default.epochs)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Pre-train as the command line says."""
    args = parse_args(argv)
    recipe = PretrainRecipe(num_stills=args.num_stills, epochs=args.epochs)
    make_clip(args.out, args.seed, recipe)
    print(f'CLIP of seed {args.seed} is in {args.out}')


if __name__ == '__main__':
    run(main)
