"""Average saved epochs as the averaging hooks would have in training.

    python tools/average_checkpoints.py run/epoch_*.pth --kind uniform \
        --out swa.pth
    python tools/average_checkpoints.py run/epoch_*.pth --kind gaussian \
        --mu 15 --sigma 10 --out gwa.pth

The order is that of the epochs the checkpoints were saved in. Training
deletes old checkpoints unless `default_hooks.checkpoint.max_keep_ckpts=-1`.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis.epoch_accuracies import by_epoch, gaussian_in_updates
from mmovar.compat import load_host_checkpoint
from mmovar.engine.averaging import KINDS, average_state_dicts
from mmovar.engine.saved_weights import RAW, saved_weights


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description='Average saved epochs.')
    parser.add_argument('checkpoints', nargs='+', type=Path, metavar='CKPT')
    parser.add_argument('--kind', choices=list(KINDS), default='uniform')
    parser.add_argument(
        '--mu', type=float, help='gaussian: its centre, an epoch from 1'
    )
    parser.add_argument(
        '--sigma', type=float, help='gaussian: its width in epochs'
    )
    parser.add_argument(
        '--momentum', type=float, help='ema: share of each further epoch'
    )
    parser.add_argument(
        '--raw',
        action=argparse.BooleanOptionalAction,
        default=True,
        help='average the raw weights also where a checkpoint holds an '
        'average (default), or what is tested',
    )
    parser.add_argument('--out', required=True, type=Path, metavar='FILE')
    args = parser.parse_args(argv)
    needed = dict(gaussian={'mu', 'sigma'}, ema={'momentum'})
    for name in ('mu', 'sigma', 'momentum'):
        given = getattr(args, name) is not None
        if given != (name in needed.get(args.kind, ())):
            verb = 'does not take' if given else 'needs'
            parser.error(f'--kind {args.kind} {verb} --{name}')
    return args


def main(argv: list[str] | None = None) -> None:
    """Average as the command line says."""
    args = parse_args(argv)
    epochs = by_epoch(args.checkpoints)
    average = average_state_dicts(
        _weights(epochs.values(), args.raw),
        args.kind,
        **_settings(args, list(epochs)),
    )
    meta = dict(
        load_host_checkpoint(list(epochs.values())[-1]).get('meta', {})
    )
    meta['average'] = dict(
        kind=args.kind,
        epochs=list(epochs),
        mu=args.mu,
        sigma=args.sigma,
        momentum=args.momentum,
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(meta=meta, state_dict=average), args.out)
    print(f'{args.kind} average of epochs {list(epochs)}: {args.out}')


def _settings(args: argparse.Namespace, epochs: list[int]) -> dict[str, Any]:
    if args.kind == 'ema':
        return dict(momentum=args.momentum)
    if args.kind == 'uniform':
        return {}
    return gaussian_in_updates(args.mu, args.sigma, epochs)


def _weights(paths: Any, raw: bool) -> Iterator[dict[str, Tensor]]:
    for path in paths:
        checkpoint = load_host_checkpoint(path)
        if raw:
            yield saved_weights(checkpoint, RAW)
        else:
            yield checkpoint['state_dict']


if __name__ == '__main__':
    main()
