"""The pictures of tools/visualize.py, one function for each command."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from mmovar.apis import init_recognizer, load_config, set_work_dir
from mmovar.apis.clip_pictures import attention_panels, context_panels
from mmovar.atomic_write import write_text
from mmovar.benchmark import class_gains, read_records
from mmovar.vocabulary import list_or_names

Captions = dict[str, str]
"""File name of a picture to what it shows."""


def draw_attention(args: argparse.Namespace) -> Captions:
    """Attention of models over a video, and their predictions."""
    labels = args.labels and list_or_names(args.labels)
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
    write_text(args.out / f'{args.name}.json', json.dumps(numbers) + '\n')
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
