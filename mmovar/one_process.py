"""One process at a time in a folder."""

import fcntl
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_process(
    folder: str | os.PathLike, task: str, wait: bool = False
) -> Iterator[None]:
    """Keep other processes from the same task in a folder.

    The lock is a record lock on ``{folder}/.{task}.lock``: it ends with the
    process, however that ends, and forked workers do not prolong it. On NFS
    it holds between machines where the server locks; where a file system
    cannot, a warning says so.

    Args:
        folder: Made if need be.
        task: What must not be done twice at once, such as ``'training'``.
        wait: For the other process to end, in place of the error.

    Raises:
        RuntimeError: If another process has the lock; names it.
    """
    path = Path(folder) / f'.{task}.lock'
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('a+') as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except (BlockingIOError, PermissionError) as error:
            file.seek(0)
            raise RuntimeError(
                f'{folder} is in use for {task} by '
                f'{file.read() or "another process"}; let it end or end it, '
                'or choose another folder'
            ) from error
        except OSError as error:
            warnings.warn(
                f'{path} cannot be locked ({error}): nothing keeps another '
                'process away',
                stacklevel=3,
            )
        else:
            file.truncate(0)
            file.write(f'PID {os.getpid()} on {socket.gethostname()}')
            file.flush()
        yield
