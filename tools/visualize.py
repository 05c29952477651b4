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
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import DictAction
from torch import nn

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import init_recognizer, load_config, set_work_dir
from mmovar.apis.clip_pictures import attention_panels, context_panels
from mmovar.benchmark import class_gains, read_records
from mmovar.engine.weights.gaussian_weight_average import MU, SIGMA
from mmovar.visualization import HtmlPage

Captions = dict[str, str]
"""File name of a picture to what it shows."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description='Draw what a model looks at, says and learns.'
    )
    commands = parser.add_subparsers(required=True, dest='command')
    for name, (draw, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=draw.__doc__)
        command.set_defaults(draw=draw)
        add_arguments(command)
        command.add_argument('--out', type=Path, default=Path('pictures'))
        command.add_argument(
            '--name', default=name.replace('-', '_'), help='of the files'
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


def write_page(folder: Path, captions: Captions) -> None:
    """Gather the pictures of a folder; captions are kept beside them."""
    notes = folder / 'captions.json'
    known = json.loads(notes.read_text()) if notes.is_file() else {}
    known = {
        name: caption
        for name, caption in (known | captions).items()
        if (folder / name).is_file()
    }
    notes.write_text(json.dumps(known, indent=1) + '\n')
    page = HtmlPage('Pictures')
    for name, caption in known.items():
        page.add_picture(folder / name, caption)
    page.write(folder / 'page.html')


def draw_attention(args: argparse.Namespace) -> Captions:
    """What models look at in a video, and what they say of it."""
    labels = None
    if args.labels is not None:
        one = len(args.labels) == 1
        labels = args.labels[0] if one else args.labels
    panels = attention_panels(
        load_models(args, labels),
        args.video,
        topk=args.topk,
        method=args.method,
        layer=args.layer,
    )
    what = dict(rollout='Attention rollout', cls='Class token attention')
    return _write_clip(args, panels, f'{what[args.method]} in {args.video}')


def draw_context(args: argparse.Namespace) -> Captions:
    """Seeds and context tokens of TC-CLIP in a video."""
    at = None
    if args.at is not None:
        at = int(args.at[0]) - 1, *args.at[1:]
    ((title, model),) = load_models(args).items()
    panels = context_panels(model, args.video, args.layer, args.token, at)
    caption = (
        f'{title} in {args.video}: seeds; context tokens, each in the mean '
        'colour of its patches; one token through the video'
    )
    return _write_clip(args, panels, caption)


def draw_embeddings(args: argparse.Namespace) -> Captions:
    """Video embeddings in the plane, with cluster scores."""
    from mmovar.apis.video_features import encode_folder, encode_test_set
    from mmovar.visualization.embedding import (
        cluster_scores,
        draw_embedding,
        embed,
    )

    layouts, titles = [], []
    for title, model in load_models(args).items():
        if args.videos is None:
            videos = encode_test_set(model, args.test_set, args.limit)
        else:
            videos = encode_folder(model, args.videos)
        scores = cluster_scores(videos.features, videos.labels, args.seed)
        layouts.append(embed(videos.features, args.layout, args.seed))
        titles.append(
            f'{title}: V-measure {scores.v_measure:.3f}\n'
            f'homogeneity {scores.homogeneity:.3f}, '
            f'completeness {scores.completeness:.3f}'
        )
    name = f'{args.name}.png'
    draw_embedding(
        layouts, videos.labels, videos.classnames, titles, args.out / name
    )
    source = args.videos or args.test_set or 'the first test set'
    count = len(videos.labels)
    return {name: f'{args.layout} of {count} videos of {source}. {titles}'}


def draw_trade_off(args: argparse.Namespace) -> Captions:
    """Trade-off of two metrics over alpha, from tools/patch_weights.py."""
    from mmovar.visualization.trade_off import draw_trade_offs

    curves = {}
    for title, path in map(_titled, args.sweeps):
        lines = Path(path).read_text().splitlines()
        records = [json.loads(line) for line in lines]
        for key in (args.x, args.y):
            if key not in records[0]['metrics']:
                raise KeyError(
                    f'no metric {key!r} in {path}; there are '
                    f'{list(records[0]["metrics"])}'
                )
        curves[title] = [
            (r['alpha'], *(r['metrics'][key] for key in (args.x, args.y)))
            for r in sorted(records, key=lambda r: r['alpha'])
        ]
    name = f'{args.name}.png'
    draw_trade_offs(curves, args.out / name, args.x, args.y)
    return {name: f'{args.y} over {args.x}, from CLIP to {list(curves)}'}


def draw_class_gain(args: argparse.Namespace) -> Captions:
    """Gains by class of one method over another, from their records."""
    from mmovar.visualization.class_gains import draw_class_gains

    (ours, our_path), (theirs, their_path) = map(
        _titled, (args.ours, args.theirs)
    )
    others = {r.cell: r for r in read_records([their_path]) if r.predictions}
    captions = {}
    for record in read_records([our_path]):
        other = others.get(record.cell)
        if other is None or record.predictions is None:
            continue
        gains = class_gains(
            record.load_predictions(), other.load_predictions()
        )
        name = f'{args.name}_{record.cell.replace("/", "-")}.png'
        title = f'{ours} minus {theirs}, {record.cell}'
        draw_class_gains(
            [(gain.name, gain.points) for gain in gains],
            args.out / name,
            title,
            args.limit,
        )
        captions[name] = f'Gains by class: {title}'
    if not captions:
        raise ValueError(
            f'{our_path} and {their_path} have predictions of no cell in '
            'common'
        )
    return captions


def draw_epochs(args: argparse.Namespace) -> Captions:
    """Accuracy over epochs: raw weights, SWA and GWA."""
    from mmovar.apis.epoch_accuracies import by_epoch, epoch_accuracies
    from mmovar.visualization.epoch_curve import draw_epoch_curves

    config = load_config(args.config, args.cfg_options)
    set_work_dir(config, args.out / 'logs', args.config)
    checkpoints = by_epoch(args.checkpoints)
    averages = dict(
        SWA=dict(kind='uniform'),
        GWA=dict(kind='gaussian', mu=args.mu, sigma=args.sigma),
    )
    curves = epoch_accuracies(config, checkpoints, averages, args.metrics)
    name = f'{args.name}.png'
    draw_epoch_curves(list(checkpoints), curves, args.out / name)
    numbers = dict(epochs=list(checkpoints), percent=curves)
    (args.out / f'{args.name}.json').write_text(json.dumps(numbers) + '\n')
    return {
        name: f'Epochs of {args.config}: raw weights; SWA and GWA (mu '
        f'{args.mu:.2g}, sigma {args.sigma:.2g} of the run) of all epochs so '
        'far'
    }


def draw_loss(args: argparse.Namespace) -> Captions:
    """Loss around a model, along support and query gradients."""
    from mmovar.apis.loss_landscape import episode_of, loss_landscape
    from mmovar.visualization.landscape import draw_landscape

    config = load_config(args.config, args.cfg_options)
    model = init_recognizer(config, args.checkpoint, device=args.device)
    episode = episode_of(model, config, args.seed)
    landscape = loss_landscape(model, *episode, args.steps, args.radius)
    name = f'{args.name}.png'
    draw_landscape(landscape, args.out / name)
    weights = args.checkpoint or 'its first weights'
    return {
        name: f'Losses of a support and a query batch around {args.config} '
        f'with {weights}'
    }


def load_models(
    args: argparse.Namespace, labels: Sequence[str] | str | None = None
) -> dict[str, nn.Module]:
    """Build the models of --model TITLE=CONFIG[,CHECKPOINT]."""
    models = {}
    for title, value in map(_titled, args.model):
        config, _, checkpoint = value.partition(',')
        models[title] = init_recognizer(
            config, checkpoint or None, labels, args.device, args.cfg_options
        )
    return models


def _titled(argument: str) -> tuple[str, str]:
    title, separator, value = argument.partition('=')
    if not separator or not title or not value:
        raise ValueError(f'{argument!r} must be TITLE=VALUE')
    return title, value


def _write_clip(args: Any, panels: Sequence[Any], caption: str) -> Captions:
    """Write panels as a picture and as videos."""
    from mmovar.visualization.clip_figure import draw_clip, write_clip_video

    names = [f'{args.name}{suffix}' for suffix in ('.png', '.gif', '.mp4')]
    picture, *videos = (args.out / name for name in names)
    draw_clip(panels, picture, args.columns)
    write_clip_video(panels, videos, args.fps)
    return dict.fromkeys(names, caption)


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
        '--columns', type=int, default=8, help='most frames of the PNG'
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
    parser.add_argument('--token', type=int, help='to follow')
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
    parser.add_argument('--limit', type=int, help='most videos to take')
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
        '--limit', type=int, default=40, help='most classes to draw'
    )


def _epochs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('config')
    parser.add_argument('checkpoints', nargs='+', type=Path, metavar='CKPT')
    parser.add_argument('--metrics', nargs='+', required=True)
    parser.add_argument(
        '--mu', type=float, default=MU, help='centre of GWA, of the run'
    )
    parser.add_argument(
        '--sigma', type=float, default=SIGMA, help='width of GWA, of the run'
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


Draw = Callable[[argparse.Namespace], Captions]
Add = Callable[[argparse.ArgumentParser], None]
COMMANDS: dict[str, tuple[Draw, Add]] = {
    'attention': (draw_attention, _attention_arguments),
    'context': (draw_context, _context_arguments),
    'embedding': (draw_embeddings, _embedding_arguments),
    'trade-off': (draw_trade_off, _trade_off_arguments),
    'class-gains': (draw_class_gain, _class_gains_arguments),
    'epochs': (draw_epochs, _epochs_arguments),
    'landscape': (draw_loss, _landscape_arguments),
}

if __name__ == '__main__':
    try:
        main()
    except (FileNotFoundError, ValueError, KeyError) as error:
        sys.exit(f'error: {error}')
