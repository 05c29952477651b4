"""Decode videos to see whether they can be read, several at once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from ..io.frame_source import VideoSource
from ..io.open_video import open_video
from ..io.unreadable import is_unreadable

DAMAGED, CUT = 'damaged: ', 'cut: '
"""How errors begin of videos that can be read nevertheless."""

_AT_ONCE = 64 * 2**20
"""Bytes of frames that a read from first to last holds."""


def decode_error(path: str, whole: bool = False) -> str:
    """Decode first, middle and last frame; return what went wrong, or ''.

    Args:
        path: A video file.
        whole: Decode from first to last before, and compare.
    """
    try:
        video = open_video(path)
        last = len(video) - 1
        spots = [last, last // 2, 0]
        found = video.read(spots)
        if whole:
            expected = _read_in_order(video, spots)
            if not all(map(np.array_equal, found, expected)):
                return f'{DAMAGED}seeking gives other frames than reading on'
    except Exception as error:
        if not is_unreadable(error):
            raise
        return ' '.join(str(error).split())[:200] or type(error).__name__
    if video.damage:
        return DAMAGED + ' '.join(video.damage.split())[:200]
    if video.hidden:
        total = len(video) + video.hidden
        return f'{CUT}an edit list hides {video.hidden} of {total} frames'
    return ''


def _read_in_order(
    video: VideoSource, wanted: Sequence[int]
) -> list[np.ndarray]:
    """Decode a video from first to last; return some of its frames."""
    step = max(1, _AT_ONCE // (3 * video.width * video.height))
    kept: dict[int, np.ndarray] = {}
    for start in range(0, len(video), step):
        part = range(start, min(start + step, len(video)))
        for index, frame in zip(part, video.read(part), strict=True):
            if index in wanted:
                kept[index] = frame
    return [kept[index] for index in wanted]


class DecodingRecord:
    """Videos that were decoded before, in a file that survives a kill.

    A video counts as done while its size stays the same.

    Args:
        path: File of the record: size, path and error of a video a line.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self._path = Path(path)
        self._errors: dict[tuple[str, int], str] = {}
        if self._path.is_file():
            for line in self._path.read_text(encoding='utf-8').splitlines():
                fields = line.split('\t')
                # A line that a kill cut short does not count.
                if len(fields) == 4 and fields[3] == 'end':
                    self._errors[fields[1], int(fields[0])] = fields[2]

    def error(self, path: str) -> str | None:
        """Return the error of a video, '' if it is fine, None if unknown."""
        try:
            return self._errors.get((path, os.path.getsize(path)))
        except OSError:
            return None

    def add(self, path: str, error: str) -> None:
        """Note the result of a video."""
        size = os.path.getsize(path) if os.path.exists(path) else -1
        self._errors[path, size] = error
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open('a', encoding='utf-8') as file:
            file.write(f'\n{size}\t{path}\t{error}\tend\n')


def decode_all(
    paths: Sequence[str],
    record: DecodingRecord,
    workers: int,
    whole: bool = False,
) -> Iterator[tuple[str, str]]:
    """Decode videos in several processes, those of the record excepted.

    Args:
        paths: Video files.
        record: Earlier results; new ones are added as they come.
        workers: Number of processes.
        whole: Decode from first to last.

    Yields:
        Path of each video and its error, '' if it is fine; in any order.
    """
    todo = []
    for path in paths:
        error = record.error(path)
        if error is None:
            todo.append(path)
        else:
            yield path, error
    # Threads that wait for a decoder each, see GuardedVideo.
    with ThreadPoolExecutor(max(1, workers)) as pool:
        futures = {
            pool.submit(decode_error, path, whole): path for path in todo
        }
        for future in as_completed(futures):
            path, error = futures[future], future.result()
            record.add(path, error)
            yield path, error
