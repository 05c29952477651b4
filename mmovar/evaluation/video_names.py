"""Short names of the videos of a list."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def video_path(sample: Mapping[str, Any], index: int) -> str:
    """Return the path of a sample's video or frames, else its number."""
    for key in ('filename', 'frame_dir', 'video'):
        if sample.get(key):
            return str(sample[key])
    return f'sample {index}'


def video_names(paths: Sequence[str]) -> list[str]:
    """Name videos by their file, with as many folders as tell them apart.

    Names do not change when the data move. A path that occurs several times
    is numbered: ``'a'``, ``'a#2'``.

    Args:
        paths: Of videos or frame folders.

    Returns:
        One unique name for each.
    """
    parts = [_without_suffix(path).split('/') for path in paths]
    names = [part[-1] for part in parts]
    for depth in range(2, max(map(len, parts), default=0) + 1):
        count = Counter(names)
        if max(count.values()) == 1:
            break
        names = [
            '/'.join(part[-depth:]) if count[name] > 1 else name
            for name, part in zip(names, parts, strict=True)
        ]
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f'{name}#{seen[name]}')
    return unique


def _without_suffix(path: str) -> str:
    stem, suffix = os.path.splitext(path.replace(os.sep, '/'))
    return stem if 1 < len(suffix) <= 5 else path
