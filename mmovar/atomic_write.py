"""Files and folders that appear when they are complete."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | os.PathLike, folder: bool = False) -> Iterator[Path]:
    """Yield a name beside ``path`` that takes its place if nothing fails.

    Args:
        path: What to replace; folders above it are made.
        folder: Whether it is a folder, which is then yielded empty.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{os.getpid()}_{path.name}')
    try:
        if folder:
            part.mkdir()
        yield part
        if folder:
            shutil.rmtree(path, ignore_errors=True)
        part.replace(path)
    finally:
        if folder:
            shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text file in UTF-8, at once or not at all."""
    with replacing(path) as part:
        part.write_text(text, encoding='utf-8')
