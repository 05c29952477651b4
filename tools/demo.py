"""Name the actions in videos with any labels you type.

    python tools/demo.py VIDEO... --labels "playing guitar" "archery" ...

VIDEO is a file or a folder. ``--out page.html`` writes a page with frames
and probabilities, ``--out folder/`` (or ``--out one.mp4``) the videos with
the labels drawn in. Without ``--config`` this is zero-shot CLIP ViT-B/16;
on a machine without network give its weights as a local file:
``--cfg-options model.weights=/path/to/ViT-B-16.pt``.
"""

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

import mmovar  # noqa: F401  (repairs the host before anything is built)
from mmovar.apis import (
    Recognition,
    find_videos,
    init_recognizer,
    iter_recognitions,
)
from mmovar.visualization import HtmlPage, write_annotated_video

CONFIG = Path(__file__).resolve().parent.parent / 'configs/clip/k400_zs.py'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description='Name the actions in videos with any labels.'
    )
    parser.add_argument('videos', nargs='+', help='files or folders')
    parser.add_argument(
        '--labels',
        nargs='+',
        required=True,
        help='what to choose from, or one name or file of a label list: '
        'kinetics400, ucf101, hmdb51, labels.txt, labels.csv',
    )
    parser.add_argument('--config', default=CONFIG, help='default: CLIP')
    parser.add_argument('--checkpoint', help='default: none, zero-shot')
    parser.add_argument('--topk', type=int, default=5)
    parser.add_argument(
        '--templates',
        nargs='+',
        help='prompts with {} for the label, or the name of a set: '
        'open_vclip, vifi_clip, bare (default: as in the config)',
    )
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument(
        '--out', help='FILE.html, FILE.mp4 (one video) or a folder'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings: model.weights=ViT-B-16.pt (a local file), '
        'model.weights=None (random, to try things out)',
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the demo; return 1 if a video could not be read."""
    args = parse_args(argv)
    options = dict(args.cfg_options or {})
    if args.templates:
        options['model.cls_head.templates'] = _one_or_list(args.templates)
    videos = find_videos(args.videos)
    page, targets = None, {}
    if args.out and args.out.endswith('.html'):
        page = HtmlPage('Actions', f'{args.config} {args.checkpoint or ""}')
    elif args.out:
        targets = _targets(videos, Path(args.out))
    labels = _labels(args.labels)
    model = init_recognizer(
        args.config, args.checkpoint, labels, args.device, options
    )
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
    if page is not None:
        page.write(args.out)
    if args.out:
        print(f'\nwritten: {args.out}')
    return int(failed > 0)


def _labels(labels: list[str]) -> list[str] | str:
    """Tell a list of labels from the one name or file of a list."""
    if len(labels) > 1:
        return labels
    known = labels[0] in ('kinetics400', 'ucf101', 'hmdb51')
    return labels[0] if known or Path(labels[0]).is_file() else labels


def _one_or_list(templates: list[str]) -> list[str] | str:
    """Tell prompts from the name of a set."""
    named = len(templates) == 1 and '{}' not in templates[0]
    return templates[0] if named else templates


def _print(result: Recognition) -> None:
    """Print the rows of one video."""
    print(f'\n{result.video}')
    if result.error is not None:
        print(f'  cannot be read: {result.error}')
    for label, value in zip(result.labels, result.probabilities, strict=True):
        print(f'  {100 * value:5.1f} %  {label}')


def _add_to_page(page: HtmlPage, result: Recognition) -> None:
    """Add one video to the page."""
    if result.error is not None:
        page.add_error(result.video, result.error)
    else:
        page.add(
            result.video, result.frames, result.labels, result.probabilities
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
    try:
        sys.exit(main())
    except FileNotFoundError as error:  # of a video, a config or weights
        sys.exit(f'error: {error}')
