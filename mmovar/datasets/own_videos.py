"""A person's own videos: class folders, or a list with class names."""

import hashlib
import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from mmengine.logging import print_log

from mmovar.vocabulary.text_files import read_table, read_text

from .io.video_locator import VIDEO_SUFFIXES, is_video_name

_SPLITS = dict(train='train', val='val', valid='val', test='test')
_SPLITS['validation'] = 'val'
_STAND_IN = dict(val='test', test='val')
_LISTS = ('.csv', '.tsv', '.txt')
_NAMED = 10


class OwnVideos(NamedTuple):
    """Videos of one split, class by class."""

    files: list[str]
    labels: list[int]
    classnames: list[str]
    """Label 0 first, the same for all splits."""


class _Video(NamedTuple):
    text: str  # class as folder or list spell it
    split: str  # '' if it is to be drawn
    file: str
    place: str  # folder, or list and line


def read_own_videos(
    path: str | os.PathLike, split: str = 'train', seed: int = 0
) -> OwnVideos:
    """Read the videos of class folders or of a list; decode nothing.

    Folders are ``class/**/video.mp4``, or ``train/class/**/video.mp4`` and
    so on if ``train`` is among them, or splits only. Links are followed,
    hidden names are passed over. A class folder without a video, or a video
    outside of class folders, is left out with a warning.

    A list (csv, tsv, txt; with commas, tabs or semicolons) has a header and
    the columns ``path`` (from the folder of the list, or absolute), ``label``
    (a class name) and perhaps ``split``.

    Splits are train, val (also valid, validation) and test; without videos
    for val it is test, and the other way round. If neither folder nor column
    tells them, they are 70, 15 and 15 % of each class, at least one video
    each, drawn by seed, class name and the paths below the folder that all
    videos of the class share.

    Args:
        path: Folder or list.
        split: 'train', 'val' or 'test'.
        seed: Of the draw.

    Returns:
        Files that exist, their labels, and the classes of all splits in the
        order of their names, in which '_' and '-' are blanks.

    Raises:
        FileNotFoundError: If there is no such folder or list, or videos of
            it do not exist.
        ValueError: If a split is unknown or empty, the list is malformed,
            there are fewer than two classes, two share a name, a name is
            empty or a number, a class has fewer than three videos to draw
            from, or a file has two classes or splits.
    """
    if not path:
        raise ValueError(
            f'own videos: give their folder or list, got path={path!r} '
            '(--cfg-options dataset=/my/videos)'
        )
    split, path = _split_of(split, 'own videos'), Path(path)
    if path.is_dir():
        videos = _read_folder(path)
    elif path.is_file() and path.suffix.lower() in _LISTS:
        videos = _read_list(path)
    else:
        raise FileNotFoundError(
            f'own videos: {path} is neither a folder nor a list {_LISTS}'
        )
    names = _names(videos, path)
    videos = _each_once(videos, path)
    if not videos[0].split:
        videos = _draw_splits(videos, names, seed, path)
    label = {text: i for i, text in enumerate(names)}
    splits = defaultdict(list)
    for video in videos:
        splits[video.split].append((label[video.text], video.file))
    chosen = splits.get(split) or splits.get(_STAND_IN.get(split, split))
    if not chosen:
        raise ValueError(
            f'{path}: no video of split {split!r}, only of {sorted(splits)}'
        )
    labels, files = map(list, zip(*sorted(chosen), strict=True))
    return OwnVideos(files, labels, list(names.values()))


def _read_folder(path: Path) -> list[_Video]:
    """Find the videos in class folders."""
    videos, classes, loose, depth = [], set(), [], 0
    seen: set[tuple] = set()  # of each class: links may lead back
    for root, below, names in os.walk(path, onerror=_fail, followlinks=True):
        below[:] = [name for name in below if not name.startswith('.')]
        parts = Path(root).relative_to(path).parts
        stat = os.stat(root)
        place_of_class = (stat.st_dev, stat.st_ino, parts[: depth + 1])
        if place_of_class in seen:
            below.clear()
            continue
        seen.add(place_of_class)
        if not parts:
            top = set(map(str.lower, below))
            depth = int('train' in top or top <= _SPLITS.keys())
        files = [
            os.path.join(root, name)
            for name in names
            if is_video_name(name) and not name.startswith('.')
        ]
        if len(parts) > depth:
            place = f'{root} (beside folders of splits)'
            split = _split_of(parts[0], place) if depth else ''
            classes.add(parts[depth])
            videos += [_Video(parts[depth], split, f, root) for f in files]
        else:
            loose += files
    if not videos:
        raise ValueError(
            f'{path}: no video in {len(classes)} class folders, {len(loose)} '
            'outside: expected class/video or train/class/video, with one of '
            f'the suffixes {VIDEO_SUFFIXES}'
        )
    empty = sorted(classes - {video.text for video in videos})
    if empty or loose:
        print_log(
            f'{path}: left out: {len(empty)} class folders without a video '
            f'({_some(empty)}), {len(loose)} videos outside of class folders '
            f'({_some(loose)})',
            logger='current',
            level=logging.WARNING,
        )
    return videos


def _fail(error: OSError) -> None:
    raise error


def _read_list(path: Path) -> list[_Video]:
    """Read a list with a header."""
    first = read_text(path).partition('\n')[0]
    sign = next((sign for sign in '\t;' if sign in first), ',')
    header, rows = read_table(path, delimiter=sign)
    names = {column.lower(): column for column in header}
    if not {'path', 'label'} <= names.keys():
        raise ValueError(
            f'{path}, line 1: expected columns path, label and perhaps split '
            f'(commas, tabs or semicolons between them), got {header}'
        )
    videos = []
    for line, row in rows:
        place = f'{path}, line {line}'
        file, text = row[names['path']], row[names['label']]
        if not (file and text):
            raise ValueError(
                f'{place}: path or label is empty, got {[*row.values()]}'
            )
        split = ''
        if 'split' in names:
            split = _split_of(row[names['split']], place)
        videos.append(_Video(text, split, str(path.parent / file), place))
    if not videos:
        raise ValueError(f'{path}: the list has no video')
    return videos


def _split_of(name: str, place: str) -> str:
    """Return 'train', 'val' or 'test'."""
    split = _SPLITS.get(name.strip().lower())
    if split is None:
        raise ValueError(
            f'{place}: unknown split {name!r}, expected one of {[*_SPLITS]}'
        )
    return split


def _names(videos: Iterable[_Video], path: Path) -> dict[str, str]:
    """Return spelling and name of each class, in the order of the names."""
    names: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for text, _, _, place in videos:
        name = ' '.join(text.replace('_', ' ').replace('-', ' ').split())
        # CLIP reads lower case: names that differ in case are one text.
        twin = spelled.setdefault(name.lower(), text)
        if not name.strip('0123456789'):
            raise ValueError(f'{place}: a class needs a name, got {text!r}')
        if twin != text:
            raise ValueError(
                f'{place}: class {text!r} has the same name as {twin!r}'
            )
        names[text] = name
    if len(names) < 2:
        raise ValueError(f'{path}: expected two classes, got {[*names]}')
    return dict(sorted(names.items(), key=lambda item: item[1]))


def _each_once(videos: Sequence[_Video], path: Path) -> list[_Video]:
    """Check that the files exist and have one class and split each."""
    absent = [
        f'{v.file} ({v.place})' for v in videos if not os.path.isfile(v.file)
    ]
    if absent:
        raise FileNotFoundError(
            f'{path}: {len(absent)} of {len(videos)} videos do not exist: '
            f'{_some(absent)}'
        )
    once: dict[tuple[int, int], _Video] = {}
    for video in videos:
        stat = os.stat(video.file)
        first = once.setdefault((stat.st_dev, stat.st_ino), video)
        if first[:2] != video[:2]:
            raise ValueError(
                f'{video.place}: {video.file} has class and split '
                f'{video[:2]}, but {first[:2]} in {first.place}'
            )
    return list(once.values())


def _draw_splits(
    videos: Iterable[_Video], names: dict[str, str], seed: int, path: Path
) -> list[_Video]:
    """Split each class by hashes, the same on every machine."""
    drawn = []
    for text, of_class in groupby(sorted(videos), key=lambda v: v.text):
        group = list(of_class)
        if len(group) < 3:
            raise ValueError(
                f'{path}: class {text!r} has {len(group)} videos, drawing '
                'three splits takes 3: split by folders or by a column'
            )
        folders = [os.path.dirname(os.path.abspath(v.file)) for v in group]
        salt, skip = f'{seed}/{names[text]}', len(os.path.commonpath(folders))
        group.sort(key=lambda v: _hash(salt + os.path.abspath(v.file)[skip:]))
        held_out = max(2, round(0.3 * len(group)))
        for i, video in enumerate(group):
            split = 'val' if i < held_out // 2 else 'test'
            split = split if i < held_out else 'train'
            drawn.append(video._replace(split=split))
    return drawn


def _hash(name: str) -> bytes:
    return hashlib.sha256(os.fsencode(name)).digest()


def _some(names: Sequence[str]) -> str:
    """Name the first few."""
    return ', '.join(names[:_NAMED]) + (', ...' if names[_NAMED:] else '')
