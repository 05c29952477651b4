"""Official split files of UCF101, HMDB51, Kinetics and SSv2."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from mmovar.vocabulary import class_key, read_classnames
from mmovar.vocabulary.text_files import read_table, read_text

from ..annotation_list import Annotation, read_annotation_list
from ..io.video_locator import is_video_name

Splits = dict[str, list[Annotation]]
"""Videos of each list, by the name of the list without ``_videos.txt``."""

_HMDB51_FLAGS = {'0': None, '1': 'train', '2': 'val'}


def read_ucf101(splits: Path) -> Splits:
    """Read ``trainlist01.txt``, ``testlist01.txt`` and on, as far as there.

    Raises:
        FileNotFoundError: If there is none, or one of a pair is missing.
    """
    lists = {}
    for number in (1, 2, 3):
        files = {
            'train': _search(splits, f'trainlist0{number}.txt'),
            'val': _search(splits, f'testlist0{number}.txt'),
        }
        if not any(files.values()):
            continue
        for part, file in files.items():
            if file is None:
                raise FileNotFoundError(
                    f'{splits}: the {part} list of split {number} is missing'
                )
            lists[f'ucf101_{part}_split_{number}'] = read_annotation_list(
                file, read_classnames('ucf101')
            )
    return _some(lists, splits, 'trainlist01.txt and testlist01.txt')


def read_hmdb51(splits: Path) -> Splits:
    """Read ``brush_hair_test_split1.txt`` and on: 1 is train, 2 is test.

    Raises:
        FileNotFoundError: If there is none, or a class is missing.
        ValueError: If a line is not a video and a flag.
    """
    names = read_classnames('hmdb51:snake')
    lists = {}
    for number in (1, 2, 3):
        end = f'_test_split{number}.txt'
        files = {
            file.name.removesuffix(end): file
            for file in sorted(splits.rglob(f'*{end}'))
        }
        if not files:
            continue
        absent = [name for name in names if name not in files]
        if absent:
            raise FileNotFoundError(
                f'{splits}: split {number} lacks the files of '
                f'{len(absent)} classes, such as {absent[0]}{end}'
            )
        parts: dict[str, list[Annotation]] = {'train': [], 'val': []}
        for label, name in enumerate(names):
            for video, part in _read_flags(files[name]):
                parts[part].append(Annotation(f'{name}/{video}', label))
        for part, videos in parts.items():
            lists[f'hmdb51_{part}_split_{number}'] = videos
    return _some(lists, splits, 'brush_hair_test_split1.txt and the others')


def read_ssv2(splits: Path) -> Splits:
    """Read ``something-something-v2-train.json`` and ``-validation.json``.

    ``train.json`` and ``validation.json``, as newer copies call them, do as
    well. The class is the template without brackets.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If a template is no class of SSv2.
    """
    lists = {}
    for part, word in (('train', 'train'), ('val', 'validation')):
        file = _search(splits, f'something-something-v2-{word}.json')
        file = file or _search(splits, f'{word}.json')
        if file is None:
            continue
        entries = json.loads(read_text(file))
        lists[f'sthv2_{part}_list'] = _with_labels(
            (
                (
                    f'{entry["id"]}.webm',
                    re.sub(r'[\[\]]', '', entry['template']),
                )
                for entry in entries
            ),
            'ssv2',
            file,
        )
    return _some(lists, splits, 'something-something-v2-train.json')


def read_kinetics(dataset: str) -> Callable[[Path], Splits]:
    """Return a reader of the official csv files of a Kinetics dataset.

    They have the columns label, youtube_id, time_start and time_end, and
    'train' or 'val' in their name. Such a reader raises FileNotFoundError if
    there is none, and ValueError if columns or classes are unknown.

    Args:
        dataset: 'kinetics400' or 'kinetics600'.
    """

    def read(splits: Path) -> Splits:
        lists = {}
        for part in ('train', 'val'):
            files = sorted(splits.rglob(f'*{part}*.csv'))
            if files:
                lists[f'{dataset}_{part}_list'] = _with_labels(
                    _read_kinetics_csv(files[0]), dataset, files[0]
                )
        return _some(lists, splits, 'train.csv and val.csv')

    return read


def read_class_folders(
    videos: Path, dataset: str
) -> tuple[list[Annotation], list[str]]:
    """Label the videos of class folders by the names of these.

    Args:
        videos: Folder with a folder for each class.
        dataset: Built-in class list.

    Returns:
        The videos, and the names of the folders that no class bears.
    """
    labels = {
        class_key(name): label
        for label, name in enumerate(read_classnames(dataset))
    }
    annotations, unknown = [], []
    for folder in sorted(path for path in videos.iterdir() if path.is_dir()):
        label = labels.get(class_key(folder.name))
        if label is None:
            unknown.append(folder.name)
            continue
        annotations += [
            Annotation(f'{folder.name}/{file.name}', label)
            for file in sorted(folder.iterdir())
            if is_video_name(file.name)
        ]
    annotations.sort(key=lambda video: video.label)
    return annotations, unknown


def _read_flags(file: Path) -> Iterable[tuple[str, str]]:
    """Yield video and part of the lines of a class of HMDB51."""
    for number, line in enumerate(read_text(file).split('\n'), start=1):
        if not line.strip():
            continue
        video, _, flag = line.strip().rpartition(' ')
        if not video or flag not in _HMDB51_FLAGS:
            raise ValueError(
                f'{file}, line {number}: expected a video and a flag of '
                f'{sorted(_HMDB51_FLAGS)}, got {line!r}'
            )
        if part := _HMDB51_FLAGS[flag]:
            yield video.strip(), part


def _read_kinetics_csv(file: Path) -> Iterable[tuple[str, str]]:
    """Yield path and class name of the rows of a Kinetics csv."""
    columns = {'label', 'youtube_id', 'time_start', 'time_end'}
    header, rows = read_table(file)
    absent = columns - set(header)
    if absent:
        raise ValueError(f'{file}: columns missing: {sorted(absent)}')
    for line, row in rows:
        try:
            start, end = int(row['time_start']), int(row['time_end'])
        except ValueError:
            raise ValueError(
                f'{file}, line {line}: time_start and time_end must be '
                f'integers, got {row}'
            ) from None
        name = row['label']
        yield f'{name}/{row["youtube_id"]}_{start:06d}_{end:06d}.mp4', name


def _with_labels(
    videos: Iterable[tuple[str, str]], dataset: str, file: Path
) -> list[Annotation]:
    """Turn class names into labels of a built-in list."""
    labels = {
        class_key(name): label
        for label, name in enumerate(read_classnames(dataset))
    }
    annotations = []
    for path, name in videos:
        if class_key(name) not in labels:
            raise ValueError(f'{file}: {dataset} has no class {name!r}')
        annotations.append(Annotation(path, labels[class_key(name)]))
    return annotations


def _search(folder: Path, name: str) -> Path | None:
    """Return the first file of a name below a folder."""
    return next(iter(sorted(folder.rglob(name))), None)


def _some(lists: Splits, splits: Path, expected: str) -> Splits:
    """Return the lists if there are any."""
    if not lists:
        raise FileNotFoundError(
            f'no official split files in {splits}: expected {expected}'
        )
    return lists
