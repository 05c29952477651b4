"""Find the clips of a list: folders of frames, or video files."""

import logging
import os
from collections.abc import Iterator, Sequence

from mmengine.logging import print_log

from .frame_source import is_frame_name
from .video_locator import StemIndex, is_video_name

_NAMED = 10


def locate_clips(names: Sequence[str], folder: str | os.PathLike) -> list[str]:
    """Turn the clip names of a list into paths on disk.

    If all are where the list says, they are taken from there. Otherwise the
    folder is searched once, also below, and names are compared without
    folders (``val/`` and class folders may differ). Clips that are not there
    are counted and named in a warning; they keep the path of the list, so
    that each is reported as unreadable and scored as wrong.

    Args:
        names: As the list has them, with or without folders.
        folder: Folder of the clips.

    Returns:
        One path for each name.

    Raises:
        FileNotFoundError: If ``folder`` does not exist or holds none of the
            clips.
    """
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'folder of clips not found: {folder}')
    joined = [os.path.join(folder, name) for name in names]
    if all(map(os.path.isdir, joined)):
        return joined
    clips = list(find_clips(folder))
    index = StemIndex(clips)
    found = [index.find(path) for path in joined]
    missing = [
        name for name, path in zip(names, found, strict=True) if path is None
    ]
    if len(missing) == len(names):
        example = os.path.relpath(clips[0], folder) if clips else 'none'
        raise FileNotFoundError(
            f'none of the {len(names)} clips of the list is in {folder}: the '
            f'list starts with {names[0]!r}, the folder holds {len(clips)} '
            f'clips such as {example!r}'
        )
    if missing:
        shown = ', '.join(missing[:_NAMED])
        more = ', ...' if len(missing) > _NAMED else ''
        print_log(
            f'{len(missing)} of {len(names)} clips are not in {folder}: '
            f'{shown}{more}',
            logger='current',
            level=logging.WARNING,
        )
    return [
        path if file is None else file
        for path, file in zip(joined, found, strict=True)
    ]


def find_clips(folder: str | os.PathLike) -> Iterator[str]:
    """Yield the frame folders and video files below a folder, in order.

    A folder of frames is recognised by its first image and not listed to
    the end. Hidden folders (clips that are being made) do not count. Links
    are followed, but each folder counts once.
    """
    return _find_clips(os.fspath(folder), set())


def _find_clips(folder: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    stat = os.stat(folder)
    if (stat.st_dev, stat.st_ino) in seen:
        return
    seen.add((stat.st_dev, stat.st_ino))
    below, videos = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith('.'):
                continue
            if entry.is_dir():
                below.append(entry.path)
            elif is_video_name(entry.name):
                videos.append(entry.path)
            elif is_frame_name(entry.name):
                yield folder
                return
    yield from sorted(videos)
    for path in sorted(below, key=lambda path: (os.path.islink(path), path)):
        yield from _find_clips(path, seen)
