"""Turn released weights into a checkpoint of this project, or back to CLIP.

    python tools/convert_weights.py IN OUT [--base ViT-B-16.pt]
    python tools/convert_weights.py IN OUT --to open_clip
    python tools/convert_weights.py IN OUT_FOLDER --to hf_clip

IN is a file as it was released, of one of the formats below, recognised by
its keys, or a checkpoint of this project (to go to open_clip or Hugging
Face). Each key is mapped, dropped for a reason or taken from --base; a file
with a key that is none of these is refused. OUT is what `tools/test.py CONFIG
OUT`, `load_from` and `mmovar.apis.load_released` take.

Files that hold more than weights (ViFi-CLIP's and TC-CLIP's: a config object)
are refused unless you pass --skip-foreign; then what is not weights is
skipped. No code of a file runs in either case.
"""

import argparse
import json
import textwrap
from pathlib import Path
from typing import Any

import torch

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.atomic_write import replacing, write_text
from mmovar.command_line import ArgumentParser, run
from mmovar.output_path import output_path
from mmovar.released import FORMATS, conversion_report, hf_config, to_hf_clip
from mmovar.released import to_open_clip as _to_open_clip
from mmovar.released.files import (
    OURS,
    convert_file,
    own_weights,
    save_converted,
)

LEGACY = {
    "classnames 'hmdb51_legacy_names' (also _base_, _novel_)": 'ViFi-CLIP, '
    "TC-CLIP, X-CLIP: 'kick' and 'kick ball', 'sword' and 'sword exercise' "
    'stand in the row of the other; 120 of 1530 test videos of HMDB51 are '
    'scored against a wrong name. Default: right names',
    "classnames 'ucf101:camel'": 'ViFi-CLIP, X-CLIP: ApplyEyeMakeup is one '
    'word, which the tokenizer reads as applyeyemakeup. Default: words',
    'test_dataloader.dataset.pipeline.1.test_mode=False': 'TC-CLIP, and K400 '
    'in 4 x 3 views: clips of a test are drawn. Default: spread evenly',
    '--text-from-base': 'Open-VCLIP: text features of raw CLIP, whatever text '
    "tower the file holds. Default: the file's",
    '--alpha': 'TC-CLIP 0.7 (wise-ft), Open-VCLIP 0.5 or 0.4: numbers of the '
    'papers are those of a mix with CLIP. Default: 1, the file alone',
    '--from vifi_zs_eval': "ViFi-CLIP's ZS_EVAL: the prompt is the bare name",
}
"""Option to what it changes."""

TARGETS = ('mmovar', 'open_clip', 'hf_clip')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Convert released weights.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=formats_help(),
    )
    parser.add_argument('source', metavar='IN', help='file or folder')
    parser.add_argument('target', metavar='OUT', type=output_path)
    parser.add_argument(
        '--from',
        dest='fmt',
        choices=['auto', OURS, *FORMATS],
        default='auto',
        help='format of IN; default: by its keys',
    )
    parser.add_argument('--to', choices=TARGETS, default='mmovar')
    parser.add_argument(
        '--base', help='CLIP, for what IN lacks: a file, folder or tag'
    )
    parser.add_argument(
        '--alpha',
        type=float,
        default=1.0,
        help='share of IN in a mix with --base (wise-ft, patching)',
    )
    parser.add_argument(
        '--text-from-base',
        action='store_true',
        help="take the text tower of --base, as Open-VCLIP's tests do",
    )
    parser.add_argument(
        '--gelu',
        action='store_true',
        help='the activation is GELU (most models of open_clip)',
    )
    parser.add_argument(
        '--skip-foreign',
        action='store_true',
        help='accept a file that holds more than weights; it is skipped',
    )
    parser.add_argument(
        '--every-key', action='store_true', help='a row for each key'
    )
    args = parser.parse_args(argv)
    if args.to != 'hf_clip' and args.target.is_dir():
        parser.error(f'OUT {args.target} is a folder, name a file')
    return args


def main(argv: list[str] | None = None) -> None:
    """Convert as the command line says."""
    args = parse_args(argv)
    if args.to == 'mmovar':
        converted = _convert(args)
        save_converted(converted, args.target)
    else:
        weights = own_weights(args.source, args.skip_foreign)
        quick_gelu = not args.gelu
        if weights is None:
            converted = _convert(args)
            weights = converted.conversion.weights
            quick_gelu = converted.quick_gelu
        _write_clip(weights, args.to, args.target, quick_gelu)
    print(f'written: {args.target}')


def _convert(args: argparse.Namespace) -> Any:
    converted = convert_file(
        args.source,
        fmt=args.fmt,
        base=args.base,
        quick_gelu=False if args.gelu else None,
        alpha=args.alpha,
        text_from_base=args.text_from_base,
        skip_foreign=args.skip_foreign,
    )
    fmt = converted.conversion.format
    print(f'{args.source}: {fmt.title}\nlicence: {fmt.licence}')
    for note in fmt.notes:
        print(f'note: {note}')
    print(conversion_report(converted.conversion, args.every_key))
    return converted


def _write_clip(
    weights: dict[str, torch.Tensor],
    to: str,
    target: Path,
    quick_gelu: bool,
) -> None:
    """Write a file for open_clip, or a file or folder for transformers."""
    if to == 'open_clip':
        with replacing(target) as part:
            content = _to_open_clip(weights)
            torch.save(dict(state_dict=content, quick_gelu=quick_gelu), part)
        return
    state_dict = to_hf_clip(weights)
    if target.suffix:
        with replacing(target) as part:
            torch.save(state_dict, part)
        return
    from safetensors.torch import save_file

    with replacing(target / 'model.safetensors') as part:
        save_file(
            {key: value.contiguous() for key, value in state_dict.items()},
            str(part),
            metadata={'format': 'pt'},
        )
    settings = json.dumps(hf_config(weights, quick_gelu), indent=2)
    write_text(target / 'config.json', settings + '\n')


def formats_help() -> str:
    """Describe the formats, their licences and their peculiarities."""
    lines = ['formats:']
    for fmt in FORMATS.values():
        lines += [f'  {fmt.name}: {fmt.title}', f'    licence: {fmt.licence}']
        for note in fmt.notes:
            lines += textwrap.wrap(
                note, 76, initial_indent='    - ', subsequent_indent='      '
            )
    lines += ['', 'options that bring back what a release did (legacy):']
    for option, effect in LEGACY.items():
        lines += [f'  {option}']
        lines += textwrap.wrap(
            effect, 76, initial_indent='    ', subsequent_indent='    '
        )
    return '\n'.join(lines)


if __name__ == '__main__':
    run(main)
