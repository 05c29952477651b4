"""Make Action-Swap videos as HAT does: your people in others' scenes.

    python tools/data/make_hat.py --videos DIR --masks MASKS \
        --classnames ucf101 --swap random --seed 1 --out data/hat/ucf101

MASKS is as in make_scuba.py. --inpainted is a folder of the same videos with
people painted out; without it they are painted out by the median of the
video, which is for cameras that stand still. 'random' and 'same' swaps are
drawn; close and far classes come from the lists of the authors:
--swaps actionswap_close_1.pickle.

Out come actionswap_random_1/{class}/{video}.mp4, the swap list
actionswap_random_1.csv, actionswap_random_1_skipped.txt and
actionswap_random_1.png: look at it. A call that was interrupted goes on where
it was. With

    hat_root=OUT rendered='actionswap_random_1' variant='random'
    ann_file=OUT/actionswap_random_1.csv

HATDataset reads the videos and counts background errors.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.annotation_list import Annotation, read_annotation_list
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.out_of_context.composition import INDEX_RULES
from mmovar.datasets.out_of_context.swaps import (
    Swap,
    read_swaps,
    write_swaps,
)
from mmovar.datasets.path_class import PathClass
from mmovar.datasets.preparation.build_lists import replace_text
from mmovar.output_path import output_folder
from mmovar.stamp import check_stamp
from mmovar.synthesis.hat_synthesis import (
    KINDS,
    BackgroundLibrary,
    draw_swaps,
    make_swaps,
    swap_names,
)
from mmovar.synthesis.masks import BOX_RULES, MaskIndex
from mmovar.visualization.contact_sheet import (
    spread_evenly,
    write_contact_sheet,
)
from mmovar.vocabulary import read_classnames

SHEET_VIDEOS, COLUMNS = 4, 8


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Put the people of videos into the scenes of others.'
    )
    parser.add_argument('--videos', required=True, help='folder of videos')
    parser.add_argument('--masks', required=True, help='pickle or folder')
    parser.add_argument('--inpainted', help='folder of painted-out videos')
    parser.add_argument('--out', required=True, type=output_folder)
    parser.add_argument(
        '--classnames', required=True, help='a built-in list or a file'
    )
    parser.add_argument('--list', help='videos to take, with labels')
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument('--swap', choices=KINDS, help='draw the backgrounds')
    which.add_argument('--swaps', type=Path, help='list of backgrounds')
    parser.add_argument('--seed', type=int, default=1, help='of --swap')
    parser.add_argument(
        '--index-rule', choices=INDEX_RULES, default=INDEX_RULES[0]
    )
    parser.add_argument('--boxes', choices=BOX_RULES, default='first')
    args = parser.parse_args(argv)
    if args.seed < 0:
        parser.error('--seed must not be negative')
    return args


def find_videos(
    args: argparse.Namespace,
    library: BackgroundLibrary,
    classnames: tuple[str, ...],
) -> list[Annotation]:
    """List the videos with labels."""
    if args.list:
        return read_annotation_list(args.list, classnames)
    path_class = PathClass(classnames)
    return [
        Annotation(path, label)
        for path in library.paths
        if (label := path_class.label(path)) is not None
    ]


def choose_swaps(
    args: argparse.Namespace, library: BackgroundLibrary
) -> tuple[str, list[Swap], dict[str, str]]:
    """Draw or read the swaps: name of the list, swaps, what is left out."""
    classnames = read_classnames(args.classnames)
    if args.swaps:
        return args.swaps.stem, read_swaps(args.swaps, classnames), {}
    videos = swap_names(find_videos(args, library, classnames), classnames)
    swaps, left_out = draw_swaps(videos, library, args.swap, args.seed)
    return f'actionswap_{args.swap}_{args.seed}', swaps, left_out


def write_sheet(
    path: Path, made: list[tuple[Swap, Path]], library: BackgroundLibrary
) -> None:
    """Show person, mask, scene and video of some swaps."""
    rows = []
    for i in spread_evenly(len(made), SHEET_VIDEOS):
        swap, file = made[i]
        person = library.open(swap.foreground)
        place = library.open(swap.background)
        video = open_frames(file)
        for title, source in (
            (f'{swap.foreground}: person', person.frames),
            ('mask', person.masks),
            (f'{swap.background}: scene, painted out', place.scenes),
            ('swapped', video),
        ):
            picked = source.read(spread_evenly(len(source), COLUMNS))
            rows.append((title, picked))
    write_contact_sheet(path, rows, columns=COLUMNS)


def make(args: argparse.Namespace) -> int:
    """Make the videos; return the exit code."""
    library = BackgroundLibrary(
        args.videos, MaskIndex(args.masks, args.boxes), args.inpainted
    )
    name, swaps, skipped = choose_swaps(args, library)
    if not swaps:
        reasons = sorted(set(skipped.values()))[:3] or ['no known class']
        raise FileNotFoundError(
            f'{args.videos}: no video can be swapped: {"; ".join(reasons)}'
        )
    folder = args.out / name
    settings = dict(
        index_rule=args.index_rule,
        boxes=args.boxes,
        inpainted=args.inpainted,
        swaps=[list(swap) for swap in swaps],
    )
    check_stamp(folder, settings)
    made = []
    rendered = make_swaps(swaps, library, folder, args.index_rule)
    for swap, path, reason in tqdm(rendered, total=len(swaps), disable=None):
        if reason:
            skipped[swap.foreground] = reason
        else:
            made.append((swap, path))
    lines = [f'{video}: {reason}' for video, reason in skipped.items()]
    replace_text(args.out / f'{name}_skipped.txt', lines)
    for line in lines[:5]:
        print(f'  skipped {line}')
    print(f'{len(lines)} videos skipped, all in {name}_skipped.txt')
    if not made:
        raise FileNotFoundError(f'{args.videos}: no video could be rendered')
    write_swaps(args.out / f'{name}.csv', [swap for swap, _ in made])
    write_sheet(args.out / f'{name}.png', made, library)
    print(f'{len(made)} videos in {folder}, list {name}.csv')
    print(f'look at {args.out / f"{name}.png"}')
    return 0


def main(argv: list[str] | None = None) -> int:
    """Make swap videos as the command line says; return the exit code."""
    return make(parse_args(argv))


if __name__ == '__main__':
    run(main)
