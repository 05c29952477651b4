"""Make SCUBA clips: actions of your videos before other backgrounds.

    python tools/data/make_scuba.py --videos DIR --masks MASKS \
        --background stripe --classnames ucf101 --out data/scuba/ucf101_stripe

MASKS is a pickle of boxes (UCF101v2-GT.pkl of UCF101-24), or a folder of
{video}.mat, {video}/puppet_mask.mat (JHMDB) or folders {video}/ of images
with more than 128 on the person. --background is 'stripe', which needs no
download, or a folder of images (test_256 of Places365).

Labels come from --list, or from the file names of UCF101 and HMDB51, or from
class folders. Out come frame folders {video}__{k}/, list.txt (name, frames,
label), skipped.txt and contact_sheet.png: look at it. A call that was
interrupted goes on where it was. With

    scuba_root=OUT ann_file=OUT/list.txt

SCUBADataset reads the clips, and shows them as SCUFO with scufo=True.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.annotation_list import Annotation, read_annotation_list
from mmovar.datasets.io.clip_folders import find_clips, locate_clips
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.out_of_context.backgrounds import open_backgrounds
from mmovar.datasets.out_of_context.still_frame import still_frame
from mmovar.datasets.path_class import PathClass
from mmovar.datasets.preparation.build_lists import replace_text
from mmovar.output_path import output_folder
from mmovar.stamp import check_stamp
from mmovar.synthesis.masks import BOX_RULES, MaskIndex
from mmovar.synthesis.scuba_synthesis import Made, SCUBARecipe, make_scuba
from mmovar.visualization.contact_sheet import (
    spread_evenly,
    write_contact_sheet,
)
from mmovar.vocabulary import read_classnames

SHEET_VIDEOS, COLUMNS = 4, 8


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    default = SCUBARecipe()
    parser = ArgumentParser(
        description='Put the actions of videos before other backgrounds.'
    )
    parser.add_argument('--videos', required=True, help='folder of videos')
    parser.add_argument('--masks', required=True, help='pickle or folder')
    parser.add_argument(
        '--background', required=True, help="'stripe' or a folder of images"
    )
    parser.add_argument('--out', required=True, type=output_folder)
    parser.add_argument(
        '--classnames', required=True, help='a built-in list or a file'
    )
    parser.add_argument('--list', help='videos to take, with labels')
    parser.add_argument('--copies', type=int, default=default.copies)
    parser.add_argument('--seed', type=int, default=default.seed)
    parser.add_argument(
        '--boxes',
        choices=BOX_RULES,
        default='first',
        help='which boxes of a frame count (default: first, as StillMix)',
    )
    parser.add_argument(
        '--spread',
        type=int,
        default=default.spread,
        help='add the masks of so many neighbouring frames (K400: 1)',
    )
    parser.add_argument(
        '--min-cover',
        type=float,
        default=default.min_cover,
        help='share of pixels that a mask must cover (K400: 0.1) ...',
    )
    parser.add_argument(
        '--min-share',
        type=float,
        default=default.min_share,
        help='... in this share of the frames (K400: 0.9)',
    )
    parser.add_argument('--quality', type=int, default=default.quality)
    return parser.parse_args(argv)


def find_videos(args: argparse.Namespace) -> list[Annotation]:
    """List videos with paths on disk and labels."""
    names = read_classnames(args.classnames)
    if args.list:
        listed = read_annotation_list(args.list, names)
        paths = locate_clips([video.path for video in listed], args.videos)
        return [
            video._replace(path=path)
            for video, path in zip(listed, paths, strict=True)
        ]
    if not os.path.isdir(args.videos):
        raise FileNotFoundError(f'folder of videos not found: {args.videos}')
    path_class = PathClass(names)
    paths = list(find_clips(args.videos))
    found = [
        Annotation(path, label)
        for path in paths
        if (label := path_class.label(path)) is not None
    ]
    if not found:
        raise ValueError(
            f'{args.videos} holds {len(paths)} videos, and no path tells a '
            f'class of {args.classnames}; give --list'
        )
    if len(found) < len(paths):
        print(f'{len(paths) - len(found)} videos are of no known class')
    return found


def write_sheet(made: list[Made], masks: MaskIndex, out: Path) -> None:
    """Show some clips as they are stored: original, SCUBA and SCUFO."""
    shown = [item for item in made if item.clips]
    rows = []
    for i in spread_evenly(len(shown), SHEET_VIDEOS):
        clips = shown[i].clips
        name = clips[i % len(clips)].path
        clip, source = open_frames(out / name), open_frames(shown[i].video)
        picked = spread_evenly(len(clip), COLUMNS)
        first = max(0, masks.find(shown[i].video).frames[0])
        title = f'{Path(shown[i].video).name}, from frame {first}'
        rows.append((title, source.read([first + k for k in picked])))
        rows.append((f'{name}, {len(clip)} frames', clip.read(picked)))
        still = still_frame(name, len(clip))
        rows.append((f'as SCUFO: frame {still}', clip.read([still])))
    clips = [clip for item in shown for clip in item.clips]
    chosen = [clips[i] for i in spread_evenly(len(clips), COLUMNS)]
    first = [open_frames(out / clip.path).read([0])[0] for clip in chosen]
    rows.append(('first frames of clips', first))
    write_contact_sheet(out / 'contact_sheet.png', rows, columns=COLUMNS)


def make(args: argparse.Namespace) -> int:
    """Make the clips; return the exit code."""
    recipe = SCUBARecipe(
        copies=args.copies,
        seed=args.seed,
        spread=args.spread,
        min_cover=args.min_cover,
        min_share=args.min_share,
        quality=args.quality,
    )
    background = open_backgrounds(args.background)
    masks = MaskIndex(args.masks, args.boxes)
    videos = find_videos(args)
    print(f'{len(videos)} videos, {masks.describe()}', flush=True)
    settings = dict(vars(recipe), background=args.background, boxes=args.boxes)
    check_stamp(args.out, settings)
    items = make_scuba(videos, masks, background, args.out, recipe)
    made = list(tqdm(items, total=len(videos), disable=None))
    clips = [clip for item in made for clip in item.clips]
    skipped = [item for item in made if item.reason]
    replace_text(
        args.out / 'skipped.txt', [f'{s.video}: {s.reason}' for s in skipped]
    )
    for item in skipped[:5]:
        print(f'  skipped {item.video}: {item.reason}')
    print(f'{len(skipped)} videos skipped, all in skipped.txt')
    if not clips:
        raise FileNotFoundError(
            f'no video of {args.videos} has {masks.describe()}'
        )
    lines = [f'{c.path} {c.num_frames} {c.label}' for c in clips]
    replace_text(args.out / 'list.txt', lines)
    write_sheet(made, masks, args.out)
    frames = np.sum([clip.num_frames for clip in clips])
    print(f'{len(clips)} clips, {frames} frames, list.txt in {args.out}')
    print(f'look at {args.out / "contact_sheet.png"}')
    return 0


def main(argv: list[str] | None = None) -> int:
    """Make SCUBA clips as the command line says; return the exit code."""
    return make(parse_args(argv))


if __name__ == '__main__':
    run(main)
