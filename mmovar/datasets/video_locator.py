"""Find the videos of a list, whatever folders list and disk use."""

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mmovar.vocabulary import class_key

_VIDEO = re.compile(
    r'(?P<stem>.+)\.(3gp|avi|flv|m4v|mkv|mov|mp4|mpe?g|ts|webm|wmv)',
    re.IGNORECASE,
)
_YOUTUBE = re.compile(r'(?P<id>[\w-]{11})(?P<times>_\d{6}_\d{6})?')


def is_video_name(name: str) -> bool:
    """Return whether a file name ends as those of videos do."""
    return _VIDEO.fullmatch(name) is not None


def video_stem(path: str) -> str:
    """Return the name of a video without folder and extension."""
    name = PurePosixPath(path).name
    match = _VIDEO.fullmatch(name)
    return match['stem'] if match else name


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


class VideoIndex:
    """Video files below a folder, looked up by name without extension.

    Where the name of the list is unknown, the 11 characters of a YouTube id
    decide, if either the list or the file lacks the time stamps
    (``0wR5jVB-WPk.mp4``, ``0wR5jVB-WPk_000417_000427.mp4``): with two
    different time stamps they are two clips. Among several candidates the
    one in the folder of the list is taken, in any spelling
    (``riding_a_bike``, ``riding a bike``).

    Args:
        folder: Folder to scan, with all below; links are followed.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self._folder = os.fspath(folder)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._by_id: dict[str, list[str]] = defaultdict(list)
        for root, folders, files in os.walk(folder, followlinks=True):
            folders.sort()
            for name in sorted(files):
                match = _VIDEO.fullmatch(name)
                if match:
                    self._add(match['stem'], os.path.join(root, name))

    def __len__(self) -> int:
        return sum(map(len, self._by_stem.values()))

    def files(self) -> list[str]:
        """Return all video files, sorted."""
        return sorted(
            file for files in self._by_stem.values() for file in files
        )

    def find(self, path: str) -> str | None:
        """Return the file that a path of a list means, or None."""
        stem = video_stem(path)
        candidates = self._by_stem.get(stem) or self._same_clip(stem)
        if path in candidates:
            return path
        if len(candidates) == 1:
            return candidates[0]
        folder = class_key(Path(path).parent.name)
        same = [
            file
            for file in candidates
            if class_key(Path(file).parent.name) == folder
        ]
        return same[0] if len(same) == 1 else None

    def describe(self) -> str:
        """Say how many videos there are, and name one."""
        files = self.files()
        if not files:
            return 'no video'
        example = os.path.relpath(files[0], self._folder)
        return f'{len(files)} videos such as {example!r}'

    def _add(self, stem: str, file: str) -> None:
        self._by_stem[stem].append(file)
        match = _YOUTUBE.fullmatch(stem)
        if match and match['times']:
            self._by_id[match['id']].append(file)

    def _same_clip(self, stem: str) -> Sequence[str]:
        """Return files with the YouTube id of a stem, as far as it is one."""
        match = _YOUTUBE.fullmatch(stem)
        if match is None:
            return ()
        if match['times']:
            return self._by_stem.get(match['id'], ())
        return self._by_id.get(match['id'], ())


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
