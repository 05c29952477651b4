"""Export a model with fixed class names: TorchScript, torch.export or ONNX.

    python tools/export.py OUT.onnx --weights FILE --labels archery "tai chi"
    python tools/export.py OUT.pt --config CONFIG --checkpoint CKPT \
        --labels labels.txt

The suffix of OUT chooses: .pt TorchScript, .pt2 torch.export, .onnx ONNX
(pip install mmovar[export]). The file takes normalised clips (B, T, 3, H, W)
of fixed B and T and gives logits (B, C). It is run once and compared with the
model; it is refused if a logit differs by more than 1e-4.
"""

import argparse

import torch
from torch import nn

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import init_recognizer, load_released
from mmovar.apis.export import export
from mmovar.apis.option_values import DictAction
from mmovar.command_line import ArgumentParser, run
from mmovar.output_path import output_file
from mmovar.vocabulary import list_or_names


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Export a model with fixed class names.'
    )
    parser.add_argument(
        'out', type=output_file, help='FILE.pt, FILE.pt2 or FILE.onnx'
    )
    parser.add_argument(
        '--labels',
        nargs='+',
        required=True,
        help='class names, or one name or file of a list',
    )
    parser.add_argument('--num-frames', type=int, default=8)
    parser.add_argument('--skip-foreign', action='store_true')
    parser.add_argument('--batch-size', type=int, default=1)
    released = parser.add_argument_group('released weights')
    released.add_argument('--weights', metavar='FILE')
    released.add_argument('--from', dest='fmt', default='auto')
    released.add_argument('--base', help='CLIP, for what is not in the file')
    own = parser.add_argument_group('a model of this project')
    own.add_argument('--config')
    own.add_argument('--checkpoint')
    own.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE'
    )
    args = parser.parse_args(argv)
    if bool(args.weights) == bool(args.config):
        parser.error('give --weights or --config')
    return args


def main(argv: list[str] | None = None) -> None:
    """Export as the command line says."""
    args = parse_args(argv)
    torch.manual_seed(0)  # of the clip that is compared
    difference = export(
        _build(args), args.out, args.num_frames, args.batch_size
    )
    print(f'written: {args.out}; logits differ by {difference:.1e}')


def _build(args: argparse.Namespace) -> nn.Module:
    labels = list_or_names(args.labels)
    if args.config:
        return init_recognizer(
            *(args.config, args.checkpoint, labels, 'cpu', args.cfg_options),
            skip_foreign=args.skip_foreign,
        )
    return load_released(
        args.weights,
        labels,
        num_frames=args.num_frames,
        fmt=args.fmt,
        base=args.base,
        skip_foreign=args.skip_foreign,
    ).recognizer


if __name__ == '__main__':
    run(main)
