"""Lists of Action-Swap: whose person stands before whose background."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmovar.atomic_write import replacing
from mmovar.clip.safe_pickle import load_plain_pickle
from mmovar.vocabulary.text_files import read_rows

from ..path_class import PathClass

_HEADER = ('fg', 'bg', 'bg_frames', 'bg_label0')


class Swap(NamedTuple):
    """One video of a list."""

    foreground: str
    """``Class/video`` of the person; its class is the truth."""
    background: str
    """``Class/video`` of the background."""
    background_frames: int
    background_label: int
    """Counted from 0."""
    label: int
    """Class of the foreground."""


def read_swaps(
    path: str | os.PathLike, classnames: Sequence[str]
) -> list[Swap]:
    """Read a swap list of HAT or DEVIAS, a pickle or a csv file.

    Pickles hold ``{foreground: [background, frames, label]}``, numbers also
    as text, and are read without running anything (see
    :func:`load_plain_pickle`); csv files have a header ``fg,bg,bg_frames,
    bg_label0``. If there is no file of this name, one that ends in .pickle,
    or lies in the folder of its kind as DEVIAS has them
    (``close/actionswap_close_1.pickle``), is read.

    The label of the foreground is that of its folder: the lists hold the
    label of the background only.

    Args:
        path: The list.
        classnames: Names of the classes, label 0 first.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is malformed, a folder bears the name of no
            class, or a background label contradicts its folder (labels that
            count from 1, class names in another order).
    """
    path = _find(Path(path))
    rows = (
        list(_csv_rows(path))
        if path.suffix.lower() in ('.csv', '.txt')
        else list(_pickle_rows(path))
    )
    if not rows:
        raise ValueError(f'{path}: the list is empty')
    path_class = PathClass(classnames)
    return [_swap(row, path_class, classnames, path) for row in rows]


def write_swaps(path: str | os.PathLike, swaps: Iterable[Swap]) -> None:
    """Write a csv file that :func:`read_swaps` reads, at once."""
    with (
        replacing(path) as part,
        part.open('w', encoding='utf-8', newline='') as file,
    ):
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(_HEADER)
        writer.writerows(swap[:4] for swap in swaps)


def _find(path: Path) -> Path:
    """Return the list of this name, in the forms that authors use."""
    names = dict.fromkeys(
        [path.name, f'{path.stem}.csv', f'{path.stem}.pickle']
    )
    kind = path.stem.split('_')[1:2]
    folders = [path.parent, *(path.parent / part for part in kind)]
    for folder in folders:
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise FileNotFoundError(
        f'swap list not found: {path} (nor {", ".join(list(names)[1:])}, nor '
        f'in a folder {"".join(kind)}/)'
    )


def _csv_rows(path: Path) -> Iterable[tuple[Any, ...]]:
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    if tuple(header) != _HEADER:
        raise ValueError(
            f'{path} must start with {",".join(_HEADER)}, not with '
            f'{",".join(header)!r}'
        )
    for line, row in rows:
        if len(row) != len(_HEADER):
            raise ValueError(
                f'{path}, line {line}: {len(row)} fields, expected '
                f'{len(_HEADER)}'
            )
        yield tuple(row)


def _pickle_rows(path: Path) -> Iterable[tuple[Any, ...]]:
    content = load_plain_pickle(path)
    if not isinstance(content, dict):
        raise ValueError(
            f'{path} holds a {type(content).__name__}, expected a dict of '
            'foreground to [background, frames, label]'
        )
    for foreground, values in content.items():
        if not isinstance(values, (list, tuple)) or len(values) != 3:
            raise ValueError(
                f'{path}: {foreground!r} has {values!r}, expected '
                '[background, frames, label]'
            )
        yield (foreground, *values)


def _swap(
    row: Sequence[Any],
    path_class: PathClass,
    classnames: Sequence[str],
    path: Path,
) -> Swap:
    """Check a row against the class names."""
    foreground, background = str(row[0]), str(row[1])
    for name in (foreground, background):
        if Path(name).is_absolute() or '..' in Path(name).parts:
            raise ValueError(
                f'{path}: {name!r} leads out of the folder of videos'
            )
    try:
        frames, label = int(row[2]), int(row[3])
    except (TypeError, ValueError):
        raise ValueError(
            f'{path}: frames and label of {background!r} must be integers, '
            f'got {row[2]!r} and {row[3]!r}'
        ) from None
    if frames < 1:
        raise ValueError(f'{path}: {background!r} has {frames} frames')
    known = [_label(path_class, name, path) for name in row[:2]]
    if label != known[1]:
        given = (
            repr(classnames[label])
            if 0 <= label < len(classnames)
            else 'no class'
        )
        raise ValueError(
            f'{path}: background {background!r} is of class {known[1]} '
            f'({classnames[known[1]]!r}), but its label is {label} ({given}; '
            'labels count from 0)'
        )
    return Swap(foreground, background, frames, label, known[0])


def _label(path_class: PathClass, name: str, path: Path) -> int:
    """Return the class that ``Class/video`` names."""
    label = path_class.label(str(name))
    if label is None:
        raise ValueError(f'{path}: {name!r} names none of the classes')
    return label
