"""Draw what a model looks at, says and learns: PNG, GIF, MP4 and a page.

    python tools/visualize.py attention VIDEO --labels archery "tai chi" \
        --model CLIP=configs/clip/k400_zs.py --model Ours=CONFIG,CKPT
    python tools/visualize.py context VIDEO --model TC-CLIP=CONFIG,CKPT
    python tools/visualize.py embedding --model Ours=CONFIG,CKPT
    python tools/visualize.py trade-off Ours=sweep/records.jsonl --x X --y Y
    python tools/visualize.py class-gains Ours=RECORDS Theirs=RECORDS
    python tools/visualize.py epochs CONFIG run/epoch_*.pth --metrics X Y
    python tools/visualize.py landscape CONFIG --checkpoint CKPT

Pictures go to --out (default: pictures). Its page.html gathers all that is
there, with what it shows, in one file.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pictures

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis.option_values import DictAction
from mmovar.atomic_write import write_text
from mmovar.command_line import ArgumentParser, run
from mmovar.engine.weights.gaussian_weight_average import MU, SIGMA
from mmovar.output_path import output_folder
from mmovar.visualization import HtmlPage


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Draw what a model looks at, says and learns.'
    )
    commands = parser.add_subparsers(required=True, dest='command')
    for name, (draw, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=draw.__doc__)
        command.set_defaults(draw=draw)
        add_arguments(command)
        command.add_argument(
            '--out', type=output_folder, default=Path('pictures')
        )
        command.add_argument(
            '--name', default=name.replace('-', '_'), help='name of the files'
        )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Draw pictures, then the page of all pictures there."""
    args = parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    captions = args.draw(args)
    write_page(args.out, captions)
    for name in captions:
        print(args.out / name)
    print(args.out / 'page.html')


def write_page(folder: Path, captions: pictures.Captions) -> None:
    """Gather the pictures of a folder; captions are kept beside them."""
    notes = folder / 'captions.json'
    known = json.loads(notes.read_text()) if notes.is_file() else {}
    known = {
        name: caption
        for name, caption in (known | captions).items()
        if (folder / name).is_file()
    }
    write_text(notes, json.dumps(known, indent=1) + '\n')
    page = HtmlPage('Pictures')
    for name, caption in known.items():
        page.add_picture(folder / name, caption)
    page.write(folder / 'page.html')


def _add_models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--model',
        action='append',
        required=True,
        metavar='TITLE=CONFIG[,CHECKPOINT]',
        help='may be given several times',
    )
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings of all configs: data_root=/my/data, '
        'model.weights=ViT-B-16.pt, model.weights=None (random)',
    )


def _add_clip(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('video')
    _add_models(parser)
    parser.add_argument(
        '--layer', type=int, default=-1, help='index, -1 is the last'
    )
    parser.add_argument('--fps', type=float, default=4)
    parser.add_argument(
        '--columns', type=int, default=8, help='most frames in the PNG'
    )


def _attention_arguments(parser: argparse.ArgumentParser) -> None:
    _add_clip(parser)
    parser.add_argument(
        '--labels',
        nargs='+',
        help='to choose from, or one name or file of a list (default: those '
        'of the checkpoint)',
    )
    parser.add_argument(
        '--method', choices=('rollout', 'cls'), default='rollout'
    )
    parser.add_argument('--topk', type=int, default=3)


def _context_arguments(parser: argparse.ArgumentParser) -> None:
    _add_clip(parser)
    parser.add_argument('--token', type=int, help='context token to follow')
    parser.add_argument(
        '--at',
        nargs=3,
        type=float,
        metavar=('FRAME', 'X', 'Y'),
        help='follow the token of a place: a frame from 1, and its share '
        'from the left and from the top, 0..1',
    )


def _embedding_arguments(parser: argparse.ArgumentParser) -> None:
    _add_models(parser)
    parser.add_argument('--test-set', help='of the configs (default: first)')
    parser.add_argument(
        '--videos', help='instead, a folder with a folder for each class'
    )
    parser.add_argument('--limit', type=int, help='largest number of videos')
    parser.add_argument('--layout', choices=('tsne', 'umap'), default='tsne')
    parser.add_argument('--seed', type=int, default=0)


def _trade_off_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('sweeps', nargs='+', metavar='TITLE=RECORDS')
    parser.add_argument('--x', required=True, help='closed-set metric')
    parser.add_argument('--y', required=True, help='zero-shot metric')


def _class_gains_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('ours', metavar='TITLE=RECORDS')
    parser.add_argument('theirs', metavar='TITLE=RECORDS')
    parser.add_argument(
        '--limit', type=int, default=40, help='largest number of classes'
    )


def _epochs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('config')
    parser.add_argument('checkpoints', nargs='+', type=Path, metavar='CKPT')
    parser.add_argument('--metrics', nargs='+', required=True)
    parser.add_argument(
        '--mu', type=float, default=MU, help='centre of GWA, 0..1 of the run'
    )
    parser.add_argument(
        '--sigma',
        type=float,
        default=SIGMA,
        help='width of GWA, 0..1 of the run',
    )
    _add_options(parser)


def _landscape_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('config')
    parser.add_argument('--checkpoint')
    parser.add_argument('--steps', type=int, default=15)
    parser.add_argument(
        '--radius', type=float, default=0.02, help='share of the weights'
    )
    parser.add_argument('--seed', type=int, default=0)
    _add_options(parser)


Draw = Callable[[argparse.Namespace], pictures.Captions]
Add = Callable[[argparse.ArgumentParser], None]
COMMANDS: dict[str, tuple[Draw, Add]] = {
    'attention': (pictures.draw_attention, _attention_arguments),
    'context': (pictures.draw_context, _context_arguments),
    'embedding': (pictures.draw_embeddings, _embedding_arguments),
    'trade-off': (pictures.draw_trade_off, _trade_off_arguments),
    'class-gains': (pictures.draw_class_gain, _class_gains_arguments),
    'epochs': (pictures.draw_epochs, _epochs_arguments),
    'landscape': (pictures.draw_loss, _landscape_arguments),
}

if __name__ == '__main__':
    run(main)
