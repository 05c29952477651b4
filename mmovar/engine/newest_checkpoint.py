"""Where a training goes on."""

import logging
import os
from pathlib import Path
from typing import Any

from mmengine.logging import print_log

from mmovar.clip.weight_files import read_weight_file

LAST = 'last_checkpoint'
"""File of a work dir that names the checkpoint written last."""


def find_newest_checkpoint(folder: str | os.PathLike) -> str | None:
    """Return the newest checkpoint of a training that can be read.

    The newest is the one that was written last, by the time in it: a training
    may have gone back to an earlier epoch, and copies have times of their own.
    Files that cannot be read are logged and passed over.

    Args:
        folder: Work dir, which need not be there.

    Returns:
        The file, or None if the folder has no trace of a training.

    Raises:
        ValueError: If there are or were checkpoints, and none can be read.
    """
    named = _named(folder)
    if '://' in named:  # of a backend that this cannot look into
        return named
    problems, written = [], []
    for file in _checkpoints(Path(folder)):
        try:
            written.append((_time_of(_read(file, lazy=True)), file))
        except (OSError, ValueError) as error:
            problems.append(str(error))
    for _, file in sorted(written, reverse=True):
        try:
            _read(file)
        except (OSError, ValueError) as error:
            problems.append(str(error))
            continue
        for problem in problems:
            print_log(f'passed over: {problem}', 'current', logging.WARNING)
        print_log(f'{folder}: training goes on from {file}', 'current')
        return str(file)
    if was_trained(folder):
        raise ValueError(
            f'{folder} had checkpoints, but none can be read'
            f'{"".join(f"; {problem}" for problem in problems)}. Name one to '
            f'go on from, or remove them and {LAST} to begin anew'
        )
    print_log(f'{folder}: no checkpoint, training begins anew', 'current')
    return None


def was_trained(folder: str | os.PathLike) -> bool:
    """Tell whether a work dir has checkpoints, or a note of some."""
    return Path(folder, LAST).is_file() or bool(_numbered(Path(folder)))


def last_checkpoint(folder: str | os.PathLike) -> Path | None:
    """Return what ``last_checkpoint`` of a work dir names.

    A file of this name in the work dir comes before the path that is noted:
    a run that was copied or moved has its own.

    Returns:
        A file, which may be missing, or None if nothing is named.
    """
    named = _named(folder)
    if not named:
        return None
    own = Path(folder, Path(named).name)
    return own if own.is_file() else Path(folder, named)


def check_resumable(checkpoint: Any, file: str | os.PathLike) -> None:
    """Refuse to go on from a file that no training wrote.

    Raises:
        ValueError: If epoch, iteration, message hub or weights are missing.
    """
    parts = checkpoint if isinstance(checkpoint, dict) else {}
    meta = parts.get('meta')
    known = {*parts, *(meta if isinstance(meta, dict) else ())}
    missing = {'state_dict', 'message_hub', 'epoch', 'iter'} - known
    if missing:
        raise ValueError(
            f'{file} is no checkpoint of a training: it has no '
            f'{", ".join(sorted(missing))}. Weights to begin with go to '
            'load_from'
        )


def _named(folder: str | os.PathLike) -> str:
    note = Path(folder, LAST)
    return note.read_text(errors='replace').strip() if note.is_file() else ''


def _checkpoints(folder: Path) -> set[Path]:
    """Return what a training may go on from, in the folder or elsewhere."""
    files = _numbered(folder)
    named = last_checkpoint(folder)
    if named is not None and named.is_file():  # else of out_dir of the hook
        files = {named, *(files or _numbered(named.parent))}
    return files


def _numbered(folder: Path) -> set[Path]:
    return {*folder.glob('epoch_*.pth'), *folder.glob('iter_*.pth')}


def _read(file: Path, lazy: bool = False) -> dict[str, Any]:
    # whether foreign objects are allowed is asked when it is loaded
    checkpoint = read_weight_file(file, skip_foreign=True, lazy=lazy)
    check_resumable(checkpoint, file)
    return checkpoint


def _time_of(checkpoint: dict[str, Any]) -> tuple[str, int, int]:
    meta = checkpoint['meta']
    return str(meta.get('time', '')), meta['epoch'], meta['iter']
