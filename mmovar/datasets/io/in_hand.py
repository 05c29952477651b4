"""The video that a data worker had in hand when it was killed."""

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

_SLOTS, _WIDTH = 256, 4096
_board = mmap.mmap(-1, _SLOTS * _WIDTH)  # shared with forked data workers


def note(path: str) -> None:
    """Leave the name of the video that this process takes in hand."""
    start = os.getpid() % _SLOTS * _WIDTH
    text = f'{os.getpid()} {path}\0'.encode(errors='surrogateescape')
    _board[start : start + len(text[:_WIDTH])] = text[:_WIDTH]


@contextmanager
def naming_killed_workers() -> Iterator[None]:
    """Add to PyTorch's error of a killed data worker what it was at.

    A decoder that crashes ends no worker (:mod:`.guarded_video`); the kernel
    that is out of memory may. The video need not be the cause.

    Raises:
        RuntimeError: PyTorch's, with the last video of each such worker.
    """
    try:
        yield
    except RuntimeError as error:
        found = re.match(r'DataLoader worker \(pid.*?([\d, ]+)\)', str(error))
        pids = re.findall(r'\d+', found[1]) if found else []
        last = ', '.join(filter(None, map(_read, map(int, pids))))
        if not last:
            raise
        raise RuntimeError(f'{error} Last video in hand: {last}') from error


def _read(pid: int) -> str:
    start = pid % _SLOTS * _WIDTH
    text = _board[start : start + _WIDTH].partition(b'\0')[0]
    owner, _, path = text.decode(errors='surrogateescape').partition(' ')
    return path if owner == str(pid) else ''
