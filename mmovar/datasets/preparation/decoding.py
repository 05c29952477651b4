"""Decode videos to see whether they can be read, several at once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ..io.open_video import open_video
from ..io.unreadable import is_unreadable


def decode_error(path: str) -> str:
    """Decode first, middle and last frame; return what went wrong, or ''."""
    try:
        video = open_video(path)
        last = len(video) - 1
        video.read([0, last // 2, last])
    except Exception as error:
        if not is_unreadable(error):
            raise
        return ' '.join(str(error).split())[:200] or type(error).__name__
    return ''


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
    paths: Sequence[str], record: DecodingRecord, workers: int
) -> Iterator[tuple[str, str]]:
    """Decode videos in several processes, those of the record excepted.

    Args:
        paths: Video files.
        record: Earlier results; new ones are added as they come.
        workers: Number of processes.

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
        futures = {pool.submit(decode_error, path): path for path in todo}
        for future in as_completed(futures):
            path, error = futures[future], future.result()
            record.add(path, error)
            yield path, error
