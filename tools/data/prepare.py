"""Build the annotation lists of a dataset from a folder of videos.

    python tools/data/prepare.py ucf101 --videos DIR --splits DIR
    python tools/data/prepare.py kinetics400 --videos DIR
    python tools/data/prepare.py hmdb51 --videos DIR --few-shot 16 --seeds 1 2

--splits holds the official files: trainlist01.txt ... (UCF101),
*_test_split1.txt ... (HMDB51), train.csv and val.csv (Kinetics),
something-something-v2-train.json ... (SSv2). Kinetics in class folders
needs none. Videos may lie in any folders and end in .avi, .mp4, .mkv, .webm.

Lists get the names that mmovar/datasets/sources.py expects and hold the
videos that are there; the others stand in *_missing.txt. A call that was
interrupted goes on where it was: decoded videos are not decoded again.
"""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from mmovar.command_line import ArgumentParser, run
from mmovar.datasets.annotation_list import read_annotation_list
from mmovar.datasets.io.video_locator import VideoIndex
from mmovar.datasets.preparation.build_lists import (
    BuiltList,
    build_list,
    replace_text,
    write_list,
    write_missing,
)
from mmovar.datasets.preparation.decoding import (
    CUT,
    DAMAGED,
    DecodingRecord,
    decode_all,
)
from mmovar.datasets.preparation.draws import (
    draw_few_shot,
    split_by_frequency,
)
from mmovar.datasets.preparation.layouts import LAYOUTS, PART_FOLDERS, Layout
from mmovar.datasets.preparation.official_splits import (
    Splits,
    read_class_folders,
)
from mmovar.datasets.sources import DATA_VARIABLE
from mmovar.vocabulary import read_classnames


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        description='Build the annotation lists of a dataset.'
    )
    parser.add_argument('dataset', choices=sorted(LAYOUTS))
    parser.add_argument('--videos', required=True, help='folder of videos')
    parser.add_argument(
        '--splits',
        help='folder of the official split files (default: annotations/ '
        'beside the lists)',
    )
    parser.add_argument(
        '--data-root',
        default=os.environ.get(DATA_VARIABLE, 'data'),
        help=f'lists go to a folder below (default: ${DATA_VARIABLE}, data)',
    )
    parser.add_argument(
        '--list',
        nargs=2,
        action='append',
        default=[],
        metavar=('FILE', 'NAMES'),
        help='another list, such as those of ViFi-CLIP, and its class names',
    )
    parser.add_argument(
        '--few-shot', nargs='+', type=int, default=[], metavar='K'
    )
    parser.add_argument(
        '--seeds', nargs='+', type=int, default=[1], help='of --few-shot'
    )
    parser.add_argument(
        '--halves',
        action='store_true',
        help='write class names of base (frequent half) and novel',
    )
    parser.add_argument(
        '--verify',
        type=int,
        default=50,
        help='videos of each list to decode, -1: all (default: 50)',
    )
    parser.add_argument(
        '--whole',
        action='store_true',
        help='decode them from first to last, not three frames only',
    )
    parser.add_argument(
        '--workers', type=int, default=min(8, os.cpu_count() or 1)
    )
    return parser.parse_args(argv)


def find_video_folder(videos: Path, folder: str) -> Path:
    """Return the folder of train or val, or that of all videos."""
    names = PART_FOLDERS.get(folder, ())
    return next(
        (videos / name for name in names if (videos / name).is_dir()), videos
    )


def read_splits(layout: Layout, args: argparse.Namespace) -> Splits:
    """Read the official lists, or label class folders by their names."""
    beside = Path(args.data_root) / layout.folder / 'annotations'
    splits = Path(args.splits) if args.splits else beside
    if splits.is_dir():
        return layout.read_splits(splits)
    if args.splits or not layout.part_folders:
        raise FileNotFoundError(
            f'no folder of official split files: {splits}; give --splits'
        )
    lists = {}
    for folder in PART_FOLDERS:
        found = find_video_folder(Path(args.videos), folder)
        if found == Path(args.videos):
            continue
        part = folder.removeprefix('videos_')
        videos, unknown = read_class_folders(found, layout.classnames)
        if videos:
            lists[f'{args.dataset}_{part}_list'] = videos
        if unknown:
            print(f'{found}: no class bears these names: {", ".join(unknown)}')
    if not lists:
        raise FileNotFoundError(
            f'{args.videos}: no class folders in train or val; give --splits'
        )
    return lists


def build_lists(
    layout: Layout, args: argparse.Namespace
) -> list[tuple[BuiltList, Path]]:
    """Find the videos of all lists; also return the folder of each."""
    names = read_classnames(layout.classnames)
    wanted = [
        (name, videos, names, layout.video_folder(name))
        for name, videos in read_splits(layout, args).items()
    ]
    for file, source in args.list:
        names = read_classnames(source)
        videos = read_annotation_list(file, names)
        wanted.append((Path(file).stem, videos, names, ''))
    indices: dict[Path, VideoIndex] = {}
    built = []
    for name, videos, names, part in wanted:
        folder = find_video_folder(Path(args.videos), part)
        if folder not in indices:
            print(f'scanning {folder}', flush=True)
            indices[folder] = VideoIndex(folder)
        built.append(
            (build_list(name, videos, indices[folder], names), folder)
        )
    if not any(item.found for item, _ in built):
        raise FileNotFoundError(
            f'no video of any list is in {args.videos}: expected files such '
            f'as {wanted[0][1][0].path!r}, found '
            f'{next(iter(indices.values())).describe()}'
        )
    return built


def print_report(built: BuiltList) -> None:
    """Print how many videos of a list are there."""
    print(f'{built.name}: {len(built.found)} of {built.total} videos')
    if built.missing:
        shown = ', '.join(built.missing[:3])
        print(
            f'  {len(built.missing)} are missing, all in '
            f'{built.name}_missing.txt: {shown}'
        )
    if built.absent:
        print(
            f'  {len(built.absent)} classes have no video: '
            f'{", ".join(built.absent[:5])}'
        )


def link_videos(folder: Path, layout: Layout, videos: Path, name: str) -> None:
    """Put the videos where the data sources expect them."""
    link = folder / layout.video_folder(name)
    target = videos.resolve()
    if link.exists():
        return
    if folder.resolve().is_relative_to(target):  # the link would be a loop
        print(f'link {link} to {videos}, which lies above it')
        return
    link.symlink_to(target, target_is_directory=True)
    print(f'{link} -> {target}')


def write_draws(
    built: BuiltList, layout: Layout, folder: Path, args: argparse.Namespace
) -> None:
    """Write few-shot lists and class halves of the training list."""
    names = read_classnames(layout.classnames)
    for shots in args.few_shot:
        for seed in args.seeds:
            videos = draw_few_shot(built.found, names, shots, seed)
            name = f'{built.name}_{shots}shot_seed{seed}'
            drawn = BuiltList(name, tuple(videos), (), ())
            print(f'{write_list(drawn, folder).name}: {len(videos)} videos')
    if args.halves:
        halves = split_by_frequency(built.found, names)
        for half, classes in zip(('base', 'novel'), halves, strict=True):
            path = folder / f'{layout.classnames}_{half}_classes.txt'
            replace_text(path, classes)
            print(f'{path.name}: {len(classes)} classes')


def sample(built: Iterable[tuple[BuiltList, Path]], count: int) -> list[str]:
    """Choose videos of each list, evenly spread."""
    chosen: dict[str, None] = {}
    for item, folder in built:
        step = 1 if count < 0 else max(1, len(item.found) // max(count, 1))
        videos = item.found[::step]
        for video in videos if count < 0 else videos[:count]:
            chosen[str(folder / video.path)] = None
    return list(chosen)


def verify(
    paths: list[str], folder: Path, workers: int, whole: bool = False
) -> int:
    """Decode videos with a progress bar; return how many cannot be read."""
    record = DecodingRecord(
        folder / ('decoded_whole.tsv' if whole else 'decoded.tsv')
    )
    decoded = decode_all(paths, record, workers, whole)
    found = sorted(
        (path, error)
        for path, error in tqdm(decoded, total=len(paths), disable=None)
        if error
    )
    usable = [item for item in found if item[1].startswith((DAMAGED, CUT))]
    broken = [item for item in found if item not in usable]
    print(f'decoded {len(paths)} videos, {len(broken)} cannot be read')
    if usable:
        print(f'{len(usable)} are damaged or cut, and are used as they are')
    for path, error in broken + usable:
        print(f'  {path}: {error}')
    return len(broken)


def prepare(args: argparse.Namespace) -> int:
    """Build, write and check the lists; return the exit code."""
    layout = LAYOUTS[args.dataset]
    folder = Path(args.data_root) / layout.folder
    if not Path(args.videos).is_dir():
        raise FileNotFoundError(f'video folder not found: {args.videos}')
    built = build_lists(layout, args)
    for item, videos in built:
        print_report(item)
        write_missing(item, folder)
        if item.found:
            write_list(item, folder)
            if item.name.startswith(layout.folder):
                link_videos(folder, layout, videos, item.name)
    train = [item for item, _ in built if item.name == layout.train_list]
    if (args.few_shot or args.halves) and not (train and train[0].found):
        raise FileNotFoundError(
            f'--few-shot and --halves need {layout.train_list}'
        )
    for item in train:
        write_draws(item, layout, folder, args)
    print(f'lists are in {folder}')
    paths = sample(built, args.verify)
    broken = verify(paths, folder, args.workers, args.whole)
    return 1 if broken else 0


def main(argv: list[str] | None = None) -> int:
    """Prepare a dataset as the command line says; return the exit code."""
    return prepare(parse_args(argv))


if __name__ == '__main__':
    run(main)
