"""Find the videos of a list, whatever folders list and disk use."""

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

_VIDEO = re.compile(
    r'(?P<stem>.+)\.(3gp|avi|flv|m4v|mkv|mov|mp4|mpe?g|ts|webm|wmv)',
    re.IGNORECASE,
)


def locate_videos(
    paths: Sequence[str], folder: str | os.PathLike
) -> list[str]:
    """Turn the paths of a list into paths on disk.

    Lists come with or without class folders, and so do copies of a dataset.
    If the first video of each folder in the list is where the list says, the
    paths are taken as they are (a few file checks, no scan). Otherwise the
    folder is scanned once, and each video is looked up by its name without
    extension. A video that stays unknown keeps the path of the list, and is
    reported as unreadable when its turn comes.

    Args:
        paths: Paths as the list has them, relative to ``folder`` or absolute.
        folder: Folder of the videos; '' takes the paths as they are.

    Returns:
        One path for each of ``paths``, in their order.

    Raises:
        FileNotFoundError: If ``folder`` does not exist.
    """
    if not folder:
        return list(paths)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'video folder not found: {folder}')
    joined = [os.path.join(folder, path) for path in paths]
    first = {os.path.dirname(path): path for path in reversed(joined)}
    if all(os.path.isfile(path) for path in first.values()):
        return joined
    index = _index_by_stem(folder)
    return [
        _choose(path, index.get(PurePosixPath(path).stem, ()))
        for path in joined
    ]


def _index_by_stem(folder: str | os.PathLike) -> dict[str, list[str]]:
    """Map names without extension to the video files below a folder."""
    index: dict[str, list[str]] = defaultdict(list)
    for root, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        for name in sorted(files):
            match = _VIDEO.fullmatch(name)
            if match:
                index[match['stem']].append(os.path.join(root, name))
    return index


def _choose(path: str, candidates: Sequence[str]) -> str:
    """Return the file that a path of the list means, else the path itself."""
    if path in candidates or not candidates:
        return path
    if len(candidates) == 1:
        return candidates[0]
    folder = Path(path).parent.name.lower()
    same = [c for c in candidates if Path(c).parent.name.lower() == folder]
    return same[0] if len(same) == 1 else path
