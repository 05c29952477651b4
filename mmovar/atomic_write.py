"""Files and folders that appear when they are complete."""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

_LOCK = '.lock'
_PART = '.part_'


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a name; the file or folder made there becomes ``path`` at the end.

    Folders above are made. If the block fails, ``path`` stays as it was. The
    name is ``path``'s own in a hidden folder beside it. Of two that write it
    at once, each in its own folder, the last one wins whole. A file, but not
    the content of a folder, is on the disk before it has its name: a loss of
    power leaves no empty one. Before the first one in a folder, what killed
    processes left there is removed.

    What lies in a folder that is being made is written to as it is, for it
    appears with the folder; so is what is neither file nor folder, such as
    ``/dev/stdout``.

    Raises:
        OSError: If it cannot be written, as on a full disk.
    """
    path = Path(path)
    being_made = any(above.name.startswith(_PART) for above in path.parents)
    if being_made or _is_special(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path
        return
    with held_folder(_PART, path.parent) as folder:
        part = folder / path.name
        yield part
        if part.is_file():
            _sync(part)
        _move(part, path, aside=folder / '.old')
    with suppress(OSError):  # some file systems sync no folders
        _sync(path.parent)


def remove_left_overs(folder: str | os.PathLike, prefix: str = _PART) -> None:
    """Remove what killed processes left when they wrote to a folder.

    Args:
        folder: The folder.
        prefix: Of the names that are looked at.
    """
    for name in os.listdir(folder):
        if name.startswith(prefix):
            _remove_dead(Path(folder, name))


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text file in UTF-8, at once or not at all."""
    with replacing(path) as part:
        part.write_text(text, encoding='utf-8')


@contextmanager
def held_folder(prefix: str, above: Path) -> Iterator[Path]:
    """Make a folder that is removed at the end.

    It is locked until then, so that others can tell folders of killed
    processes. Those with this ``prefix`` are removed first, once a process: a
    folder may have a hundred thousand clips.
    """
    above.mkdir(parents=True, exist_ok=True)
    _remove_once(above.absolute(), prefix)
    with ExitStack() as stack:
        while True:
            folder = Path(mkdtemp(prefix=prefix, dir=above))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            with suppress(FileNotFoundError):
                lock = stack.enter_context((folder / _LOCK).open('x'))
                try:
                    _lock(lock)
                except BlockingIOError:
                    continue  # taken for dead before it was locked
                except OSError:
                    break  # a file system without locks
                if (folder / _LOCK).exists():
                    break
        yield folder


_remove_once = cache(remove_left_overs)


def _remove_dead(folder: Path) -> None:
    """Remove the folder of a process that has ended, however it did."""
    try:
        with (folder / _LOCK).open('r+') as lock:
            _lock(lock)
            shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:
        with suppress(OSError):
            folder.rmdir()
    except OSError:  # in use, of another user, or locks are not known here
        return


def _is_special(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _sync(path: Path) -> None:
    """Wait until the disk has it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(file: IO[str]) -> None:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _move(part: Path, path: Path, aside: Path) -> None:
    """Rename, also over a folder that is not empty."""
    while True:
        if part.is_dir() and path.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
            with suppress(FileNotFoundError):
                path.rename(aside)
        try:
            part.replace(path)
            return
        except OSError as error:  # another process was faster
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
