"""Where a tool writes, checked before it works: types for ``argparse``."""

import os
from argparse import ArgumentTypeError
from pathlib import Path


def output_file(name: str) -> Path:
    """Check a file that will be written; folders above are made then.

    Raises:
        ArgumentTypeError: If it is a folder, or cannot be made.
    """
    path = Path(name)
    if path.is_dir():
        raise ArgumentTypeError(f'{name!r} is a folder, name a file')
    _check(path.parent)
    return path


def output_folder(name: str) -> Path:
    """Check a folder that will be filled, and made if need be.

    Raises:
        ArgumentTypeError: If it is a file, or cannot be made.
    """
    _check(Path(name))
    return Path(name)


def output_path(name: str) -> Path:
    """Check a file, if the name has a suffix, or a folder.

    Raises:
        ArgumentTypeError: If it is the other, or cannot be made.
    """
    return output_file(name) if Path(name).suffix else output_folder(name)


def _check(folder: Path) -> None:
    above = next(f for f in (folder, *folder.parents) if f.exists())
    if not above.is_dir():
        raise ArgumentTypeError(f"'{above}' is a file, not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise ArgumentTypeError(f"nothing may be written to '{above}'")
