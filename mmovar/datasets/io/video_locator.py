"""Find the videos of a list, whatever folders list and disk use."""

import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from mmovar.vocabulary import class_key

VIDEO_SUFFIXES = '3gp avi flv m4v mkv mov mp4 mpeg mpg ts webm wmv'
"""What counts as a video in a folder, whatever its letter case."""

_VIDEO = re.compile(
    rf'(?P<stem>.+)\.({VIDEO_SUFFIXES.replace(" ", "|")})', re.IGNORECASE
)
_YOUTUBE = re.compile(r'(?P<id>[\w-]{11})(?P<times>_\d{6}_\d{6})?')


def is_video_name(name: str) -> bool:
    """Return whether a file name ends as those of videos do."""
    return _VIDEO.fullmatch(name) is not None


def video_stem(path: str) -> str:
    """Return the name of a video without folder and extension."""
    name = posixpath.basename(path)
    match = _VIDEO.fullmatch(name)
    return match['stem'] if match else name


def parent_folder(path: str) -> str:
    """Return the name of the folder that a video lies in, '' if none."""
    return posixpath.basename(posixpath.dirname(path))


def locate_videos(
    paths: Sequence[str], folder: str | os.PathLike
) -> list[str]:
    """Turn the paths of a list into paths on disk.

    Lists come with or without class folders, and so do copies of a dataset.
    If all videos are where the list says, the paths are taken as they are
    (only the folders in the list are read). Otherwise the whole folder is
    scanned once, see :class:`VideoIndex`. A video that stays unknown keeps
    the path of the list, and is reported as unreadable when its turn comes.

    Args:
        paths: Paths as the list has them, relative to ``folder`` or absolute.
        folder: Folder of the videos; '' takes the paths as they are.

    Returns:
        One path for each of ``paths``, in their order.

    Raises:
        FileNotFoundError: If ``folder`` does not exist or holds none of the
            videos.
    """
    if not folder:
        return list(paths)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'video folder not found: {folder}')
    joined = [os.path.join(folder, path) for path in paths]
    if _all_present(joined):
        return joined
    index = VideoIndex(folder)
    found = [index.find(path) for path in joined]
    if joined and not any(found):
        raise FileNotFoundError(
            f'none of the {len(joined)} videos of the list is in {folder}: '
            f'the list starts with {paths[0]!r}, the folder holds '
            f'{index.describe()}'
        )
    return [
        path if file is None else file
        for path, file in zip(joined, found, strict=True)
    ]


class StemIndex:
    """Paths of videos, looked up by name without folder and extension.

    Where the name is unknown, the 11 characters of a YouTube id decide, if
    either of the two lacks the time stamps (``0wR5jVB-WPk.mp4``,
    ``0wR5jVB-WPk_000417_000427.mp4``): with two different time stamps they
    are two clips. Among several candidates the one in a folder of the same
    name is taken, in any spelling (``riding_a_bike``, ``riding a bike``).

    Args:
        paths: Paths to index.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._by_id: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            stem = video_stem(path)
            self._by_stem[stem].append(path)
            match = _YOUTUBE.fullmatch(stem)
            if match and match['times']:
                self._by_id[match['id']].append(path)

    def find(self, path: str) -> str | None:
        """Return the indexed path of the same video, or None."""
        stem = video_stem(path)
        candidates = self._by_stem.get(stem) or self._same_clip(stem)
        if path in candidates:
            return path
        if len(candidates) == 1:
            return candidates[0]
        folder = class_key(parent_folder(path))
        same = [
            candidate
            for candidate in candidates
            if class_key(parent_folder(candidate)) == folder
        ]
        return same[0] if len(same) == 1 else None

    def _same_clip(self, stem: str) -> Sequence[str]:
        """Return paths with the YouTube id of a stem, as far as it is one."""
        match = _YOUTUBE.fullmatch(stem)
        if match is None:
            return ()
        if match['times']:
            return self._by_stem.get(match['id'], ())
        return self._by_id.get(match['id'], ())


class VideoIndex(StemIndex):
    """Video files below a folder, each folder once, hidden ones not.

    Args:
        folder: Folder to scan, with all folders below.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = os.fspath(folder)
        self.files = tuple(
            os.path.join(root, name)
            for root, names in sorted(_folders_once(self.folder))
            for name in sorted(names)
            if is_video_name(name)
        )
        """All video files, folder by folder."""
        super().__init__(self.files)

    def describe(self) -> str:
        """Say how many videos there are, and name one."""
        if not self.files:
            return 'no video'
        example = os.path.relpath(self.files[0], self.folder)
        return f'{len(self.files)} videos such as {example!r}'


def _folders_once(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Yield folders and the names in them; those behind links last."""
    seen: set[tuple[int, int]] = set()
    links = [folder]
    while links:
        for root, below, names in os.walk(links.pop()):
            stat = os.stat(root)
            if (stat.st_dev, stat.st_ino) in seen:
                below.clear()
                continue
            seen.add((stat.st_dev, stat.st_ino))
            below[:] = [n for n in below if not n.startswith('.')]
            paths = [os.path.join(root, name) for name in below]
            links += filter(os.path.islink, paths)
            yield root, names


def _all_present(paths: Sequence[str]) -> bool:
    """Return whether all files exist; reads each of their folders once."""
    names = defaultdict(set)
    for path in paths:
        folder, name = os.path.split(path)
        names[folder].add(name)
    return all(
        os.path.isdir(folder) and wanted <= set(os.listdir(folder))
        for folder, wanted in names.items()
    )
