"""Name the actions in videos with any labels you type.

    python tools/demo.py VIDEO... --labels "playing guitar" "archery" ...

VIDEO is a file or a folder. ``--out page.html`` writes a page with frames
and probabilities, ``--out predictions.csv`` (or ``.json``) a line a video and
label, ``--out folder/`` (or ``--out one.mp4``) the videos with the labels
drawn in. Without ``--config`` this is zero-shot CLIP ViT-B/16;
on a machine without network give its weights as a local file:
``--cfg-options model.weights=/path/to/ViT-B-16.pt``. ``--weights`` takes a
released file of ViFi-CLIP, TC-CLIP, Open-VCLIP, X-CLIP and others and needs
no config; what it lacks of CLIP comes from ``--base``.

    python tools/demo.py --serve --model CLIP=CONFIG Ours=CONFIG:CHECKPOINT

opens a page in your browser instead: drop a video, type labels, compare
models. It needs Gradio: ``pip install mmovar[demo]``.
"""

import argparse
import csv
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from mmengine.device import get_device
from torch import nn

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import (
    Recognition,
    find_videos,
    init_recognizer,
    iter_recognitions,
    load_released,
)
from mmovar.apis.loading import add_loading_options
from mmovar.apis.option_values import DictAction
from mmovar.apis.precision import add_amp_options, half_of
from mmovar.atomic_write import replacing
from mmovar.benchmark.formats import csv_text
from mmovar.command_line import ArgumentParser, run
from mmovar.demo import Demo, ModelSource, load_models, serve
from mmovar.demo.page_options import add_page_options, read_limits
from mmovar.output_path import output_path
from mmovar.visualization import HtmlPage, write_annotated_video
from mmovar.vocabulary import list_or_names, read_classnames

CONFIG = Path(__file__).resolve().parent.parent / 'configs/clip/k400_zs.py'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Name the actions in videos with any labels.'
    )
    parser.add_argument('videos', nargs='*', help='files or folders')
    parser.add_argument(
        '--labels',
        nargs='+',
        help='what to choose from, or one list: a file (.txt, .csv, .json) or '
        'a name such as kinetics600, ssv2, ucf101:camel; default: those the '
        'checkpoint was trained with',
    )
    parser.add_argument('--config', default=CONFIG, help='default: CLIP')
    parser.add_argument('--checkpoint', help='default: none, zero-shot')
    _add_released(parser)
    parser.add_argument('--topk', type=int, default=5)
    parser.add_argument(
        '--templates',
        nargs='+',
        help='prompts with {} for the label, or the name of a set: '
        'open_vclip, vifi_clip, bare (default: as in the config)',
    )
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument(
        '--out',
        type=output_path,
        help='FILE.html, .csv, .json, .mp4 (one video) or a folder',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings: model.weights=ViT-B-16.pt (a local file), '
        'model.weights=None (random, to try things out)',
    )
    add_amp_options(parser)
    add_loading_options(parser)
    add_page_options(parser)
    args = parser.parse_args(argv)
    if args.weights and (args.checkpoint or args.cfg_options):
        parser.error('--weights goes without --checkpoint and --cfg-options')
    if args.serve and (args.videos or args.out or args.templates):
        parser.error('--serve takes videos and templates on the page')
    if args.serve and args.weights:
        parser.error('--serve takes --model CONFIG:CHECKPOINT, not --weights')
    if not args.serve and not (
        args.videos and (args.labels or args.checkpoint)
    ):
        parser.error('give videos and --labels (or --checkpoint), or --serve')
    if args.model and (args.checkpoint or not args.serve):
        parser.error('--model goes with --serve, without --checkpoint')
    return args


def _add_released(parser: argparse.ArgumentParser) -> None:
    released = parser.add_argument_group('released weights, without a config')
    released.add_argument(
        '--weights',
        metavar='FILE',
        help='a released file; tools/convert_weights.py -h lists what loads',
    )
    released.add_argument(
        '--base', help='CLIP file or tag, for what the release lacks'
    )
    released.add_argument(
        '--num-frames', type=int, default=8, help='of a clip; default: 8'
    )


def main(argv: list[str] | None = None) -> int:
    """Run the demo; return 1 if a video could not be read."""
    args = parse_args(argv)
    options = dict(args.cfg_options or {})
    half = half_of(args)
    if half and not args.weights:
        options['test_cfg.amp'] = half
    if args.serve:
        serve_page(args, options)
        return 0
    if args.templates:
        options['model.cls_head.templates'] = _one_or_list(args.templates)
    videos = find_videos(args.videos)
    page, targets, table = None, {}, None
    if args.out and args.out.suffix == '.html':
        source = args.weights or f'{args.config} {args.checkpoint or ""}'
        page = HtmlPage('Actions', source)
    elif args.out and args.out.suffix in ('.csv', '.json'):
        table = []
    elif args.out:
        targets = _targets(videos, args.out)
    labels = args.labels and list_or_names(args.labels)
    model = _build(args, labels, options)
    failed = 0
    for result in iter_recognitions(
        model, videos, topk=args.topk, with_frames=page is not None
    ):
        _print(result)
        if result.error is not None:
            failed += 1
        elif targets:
            write_annotated_video(
                result.video,
                targets[result.video],
                result.labels,
                result.probabilities,
            )
        if page is not None:
            _add_to_page(page, result)
        if table is not None:
            table += _rows(result)
    if page is not None:
        page.write(args.out)
    if table is not None:
        _write_table(args.out, table)
    if args.out:
        print(f'\nwritten: {args.out}')
    return int(failed > 0)


def serve_page(args: argparse.Namespace, options: dict[str, Any]) -> None:
    """Show the page until it is interrupted."""
    if importlib.util.find_spec('gradio') is None:
        sys.exit('--serve needs Gradio: pip install mmovar[demo]')
    sources = [ModelSource.parse(text) for text in args.model]
    if not sources:
        config = str(args.config)
        name = Path(args.checkpoint or config).stem
        sources = [ModelSource(name, config, args.checkpoint)]
    labels = ()
    if args.labels:
        labels = read_classnames(list_or_names(args.labels))
    models = load_models(sources, args.device, options, **_loading(args))
    if args.host not in ('127.0.0.1', 'localhost', '::1'):
        print(f'everyone who reaches {args.host} may use this page')
    serve(
        Demo(models, read_limits(args)),
        args.folder,
        '\n'.join(labels),
        args.host,
        args.port,
        lambda url: print(f'open {url} in a browser', flush=True),
        args.allow_host,
    )


def _build(
    args: argparse.Namespace,
    labels: list[str] | str | None,
    options: dict[str, Any],
) -> nn.Module:
    """Build the model of a config, or of a released file."""
    if args.weights is None:
        return init_recognizer(
            *(args.config, args.checkpoint, labels, args.device, options),
            **_loading(args),
        )
    released = load_released(
        args.weights,
        labels,
        num_frames=args.num_frames,
        base=args.base,
        templates=options.get('model.cls_head.templates'),
        skip_foreign=args.skip_foreign,
    )
    released.recognizer.cfg.test_cfg = dict(amp=half_of(args))
    return released.recognizer.to(args.device or get_device())


def _loading(args: argparse.Namespace) -> dict[str, Any]:
    names = ('skip_foreign', 'unsafe_pickle', 'allow_missing')
    return {name: getattr(args, name) for name in names}


def _one_or_list(templates: list[str]) -> list[str] | str:
    """Tell prompts from the name of a set."""
    named = len(templates) == 1 and '{}' not in templates[0]
    return templates[0] if named else templates


def _print(result: Recognition) -> None:
    """Print the rows of one video."""
    print(f'\n{result.video}')
    if result.error is not None:
        print(f'  cannot be read: {result.error}')
    if result.damage:
        print(f'  damaged: {result.damage}')
    for label, value in zip(result.labels, result.probabilities, strict=True):
        print(f'  {100 * value:5.1f} %  {label}')


def _add_to_page(page: HtmlPage, result: Recognition) -> None:
    """Add one video to the page."""
    if result.error is not None:
        page.add_error(result.video, result.error)
    else:
        title = result.video
        if result.damage:
            title += f' (damaged: {result.damage})'
        page.add(title, result.frames, result.labels, result.probabilities)


def _rows(result: Recognition) -> list[dict[str, Any]]:
    """One row a label, best first; one with the error of a broken video."""
    row = dict(video=result.video, label='', probability='', error='')
    if result.error is not None:
        return [dict(row, error=result.error)]
    row['error'] = result.damage and f'damaged: {result.damage}'
    return [
        dict(row, label=label, probability=round(value, 6))
        for label, value in zip(
            result.labels, result.probabilities, strict=True
        )
    ]


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    with (
        replacing(path) as part,
        part.open('w', encoding='utf-8', newline='') as file,
    ):
        if path.suffix == '.json':
            json.dump(rows, file, indent=2, ensure_ascii=False)
        else:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            for row in rows:
                texts = {k: v for k, v in row.items() if isinstance(v, str)}
                writer.writerow(
                    row | {k: csv_text(v) for k, v in texts.items()}
                )


def _targets(videos: list[str], out: Path) -> dict[str, Path]:
    """Choose where the annotated copy of each video goes."""
    if out.suffix == '.mp4':
        if len(videos) > 1:
            raise ValueError(
                f'--out {out} is one file, but there are {len(videos)} '
                'videos: name a folder'
            )
        return {videos[0]: out}
    targets: dict[str, Path] = {}
    for video in videos:
        stem, number = f'{Path(video).stem}_labels', 1
        while out / f'{stem}.mp4' in targets.values():
            number += 1
            stem = f'{Path(video).stem}_labels_{number}'
        targets[video] = out / f'{stem}.mp4'
    return targets


if __name__ == '__main__':
    run(main)
