"""Open files whose names came from somebody else."""

import os
import stat
from pathlib import Path
from typing import IO


def open_regular(path: str | Path) -> IO[bytes]:
    """Open a file to read, but no pipe and no device, which may block.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no regular file.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise FileNotFoundError(f'there is no file {str(path)!r}') from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise ValueError(f'{str(path)!r} is no regular file')
    return os.fdopen(number, 'rb')
