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
    by_epoch = _by_epoch(args.checkpoints)
    average = average_state_dicts(
        _weights(by_epoch.values(), args.raw),
        args.kind,
        **_settings(args, list(by_epoch)),
    )
    meta = dict(_load(list(by_epoch.values())[-1]).get('meta', {}))
    meta['average'] = dict(
        kind=args.kind,
        epochs=list(by_epoch),
        mu=args.mu,
        sigma=args.sigma,
        momentum=args.momentum,
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(meta=meta, state_dict=average), args.out)
    print(f'{args.kind} average of epochs {list(by_epoch)}: {args.out}')


def _by_epoch(paths: list[Path]) -> dict[int, Path]:
    """Sort the checkpoints by the epoch they were saved in."""
    found: dict[int, Path] = {}
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f'there is no checkpoint {str(path)!r}')
        epoch = _load(path).get('meta', {}).get('epoch')
        if epoch is None or epoch in found:
            raise ValueError(
                f'{path} is of epoch {epoch}; need checkpoints of training, '
                'each of another epoch'
            )
        found[epoch] = path
    return dict(sorted(found.items()))


def _settings(args: argparse.Namespace, epochs: list[int]) -> dict[str, Any]:
    if args.kind == 'ema':
        return dict(momentum=args.momentum)
    if args.kind == 'uniform':
        return {}
    steps = {b - a for a, b in zip(epochs, epochs[1:], strict=False)} or {1}
    if len(steps) > 1 or args.sigma <= 0:
        raise ValueError(
            'a Gaussian average needs sigma > 0 and evenly spaced epochs, '
            f'got {args.sigma} and {epochs}'
        )
    (step,) = steps  # the same arithmetic as GWAHook's
    return dict(mean=(args.mu - epochs[0]) / step, std=args.sigma / step)


def _weights(paths: Any, raw: bool) -> Iterator[dict[str, Tensor]]:
    for path in paths:
        checkpoint = _load(path)
        if raw:
            yield saved_weights(checkpoint, RAW)
        else:
            yield checkpoint['state_dict']


def _load(path: Path) -> dict[str, Any]:
    # checkpoints of MMEngine hold its own objects beside the weights
    return torch.load(path, 'cpu', weights_only=False, mmap=True)


if __name__ == '__main__':
    main()
