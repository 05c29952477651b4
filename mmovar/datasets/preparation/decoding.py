"""Decode videos to see whether they can be read, several at once."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from ..io.unreadable import is_unreadable

_TASKS_PER_WORKER = 8


def decode_error(path: str) -> str:
    """Decode first, middle and last frame; return what went wrong, or ''."""
    import decord

    try:
        reader = decord.VideoReader(path, num_threads=1)
        last = len(reader) - 1
        reader.get_batch([0, last // 2, last])
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
        workers: Number of processes; 0 decodes in this one.

    Yields:
        Path of each video and its error, '' if it is fine; in any order.

    Raises:
        RuntimeError: If a decoder brings its process down; the message names
            the videos it may have been.
    """
    todo = []
    for path in paths:
        error = record.error(path)
        if error is None:
            todo.append(path)
        else:
            yield path, error
    for path, error in _results(todo, workers):
        record.add(path, error)
        yield path, error


def _results(paths: Sequence[str], workers: int) -> Iterator[tuple[str, str]]:
    if workers == 0:
        yield from ((path, decode_error(path)) for path in paths)
        return
    # Forked, as the workers of a DataLoader are: no second import of torch.
    context = multiprocessing.get_context('fork')
    step = workers * _TASKS_PER_WORKER
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for start in range(0, len(paths), step):
            batch = paths[start : start + step]
            futures = {pool.submit(decode_error, path): path for path in batch}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            except BrokenProcessPool as error:
                raise RuntimeError(
                    'a decoder crashed on one of these videos: '
                    + ', '.join(batch)
                ) from error
