"""Average saved epochs as the averaging hooks would have in training.

    python tools/average_checkpoints.py run/epoch_*.pth --kind uniform \
        --out swa.pth
    python tools/average_checkpoints.py run/epoch_*.pth --kind gaussian \
        --mu 0.6 --sigma 0.25 --out gwa.pth

The order is that of the epochs the checkpoints were saved in. A Gaussian takes
fractions of the run, whose length is --max-epochs or else the last of these
epochs. Training deletes old checkpoints unless
`default_hooks.checkpoint.max_keep_ckpts=-1`.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis.epoch_accuracies import by_epoch
from mmovar.atomic_write import replacing
from mmovar.clip.weight_files import read_weight_file
from mmovar.command_line import ArgumentParser, run
from mmovar.engine.weights.averaging import KINDS, average_state_dicts
from mmovar.engine.weights.checkpoint_variants import raw_weights
from mmovar.engine.weights.gaussian_weight_average import MU, SIGMA
from mmovar.output_path import output_file

OPTIONS = ('mu', 'sigma', 'max_epochs')  # of a Gaussian


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(description='Average saved epochs.')
    parser.add_argument('checkpoints', nargs='+', type=Path, metavar='CKPT')
    parser.add_argument('--kind', choices=list(KINDS), default='uniform')
    parser.add_argument(
        '--mu', type=float, help=f'gaussian: its centre; default {MU:.3f}'
    )
    parser.add_argument(
        '--sigma', type=float, help=f'gaussian: its width; default {SIGMA:.3f}'
    )
    parser.add_argument(
        '--max-epochs',
        type=int,
        metavar='N',
        help='gaussian: length of the run; default: its last epoch here',
    )
    parser.add_argument(
        '--raw',
        action=argparse.BooleanOptionalAction,
        default=True,
        help='average the raw weights also where a checkpoint holds an '
        'average (default), or what is tested',
    )
    parser.add_argument(
        '--out', required=True, type=output_file, metavar='FILE'
    )
    args = parser.parse_args(argv)
    for name in OPTIONS if args.kind != 'gaussian' else ():
        if getattr(args, name) is not None:
            option = name.replace('_', '-')
            parser.error(f'--kind {args.kind} does not take --{option}')
    return args


def main(argv: list[str] | None = None) -> None:
    """Average as the command line says."""
    args = parse_args(argv)
    epochs = by_epoch(args.checkpoints)
    settings = _settings(args, list(epochs))
    average = average_state_dicts(
        _weights(epochs.values(), args.raw), args.kind, **settings
    )
    meta = dict(read_weight_file(list(epochs.values())[-1], lazy=True)['meta'])
    meta['average'] = dict(kind=args.kind, epochs=list(epochs), **settings)
    with replacing(args.out) as part:
        torch.save(dict(meta=meta, state_dict=average), part)
    print(f'{args.kind} average of epochs {list(epochs)}: {args.out}')


def _settings(args: argparse.Namespace, epochs: list[int]) -> dict[str, Any]:
    if args.kind != 'gaussian':
        return {}
    given = {n: v for n in OPTIONS if (v := getattr(args, n)) is not None}
    last = given.pop('max_epochs', epochs[-1])
    if last < epochs[-1]:
        raise ValueError(f'--max-epochs {last} ends before {epochs=}')
    times = [epoch / last for epoch in epochs]
    return dict(mu=MU, sigma=SIGMA, times=times) | given


def _weights(paths: Any, raw: bool) -> Iterator[dict[str, Tensor]]:
    for path in paths:
        checkpoint = read_weight_file(path, lazy=True)
        if raw:
            yield raw_weights(checkpoint)
        else:
            yield checkpoint['state_dict']


if __name__ == '__main__':
    run(main)
