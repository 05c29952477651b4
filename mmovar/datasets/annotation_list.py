"""Annotation lists: one video and its label a line."""

import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

# Everything before the last comma, tab or run of blanks is the path.
_LINE = re.compile(r'(?P<path>.+?)(?:\s*,\s*|\s+)(?P<label>[^\s,]+)')


class Annotation(NamedTuple):
    """One video of a list."""

    path: str
    """Path as the list has it."""
    label: int
    """Index of the class name."""


def read_annotation_list(
    ann_file: str | os.PathLike, classnames: Sequence[str]
) -> list[Annotation]:
    r"""Read a list of videos and check it against the class names.

    Path and label are separated by a comma, a tab or blanks, whichever comes
    last in the line, so paths may hold blanks and commas; a path may stand in
    double quotes. Blank lines, ``\r\n``, a byte order mark and a missing
    final newline are fine.

    A folder that bears the name of a class must agree with the label: this
    finds a label file in another order than the list (``kick_ball/x.avi,20``
    when class 20 is 'kick').

    Args:
        ann_file: Path of the list.
        classnames: Names of the classes, label 0 first.

    Returns:
        The videos in the order of the list.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the list is empty, a line lacks its path or label, a
            label is not an integer or out of range, or it contradicts the
            class folder. The message names the file and the line.
    """
    path = Path(ann_file)
    if not path.is_file():
        raise FileNotFoundError(f'annotation list not found: {path}')
    class_of_folder = _index_folders(classnames)
    annotations = []
    for where, line in _numbered_lines(path):
        annotation = _parse(line, where)
        if not 0 <= annotation.label < len(classnames):
            raise ValueError(
                f'{where}: label {annotation.label} is out of range, the '
                f'{len(classnames)} class names have labels '
                f'0..{len(classnames) - 1}'
            )
        folder = os.path.basename(os.path.dirname(annotation.path))
        expected = class_of_folder.get(_key(folder), annotation.label)
        if expected != annotation.label:
            raise ValueError(
                f'{where}: the class names do not fit the list: folder '
                f'{folder!r} is class {expected} of the class names, but the '
                f'label is {annotation.label} '
                f'({classnames[annotation.label]!r}; labels count from 0)'
            )
        annotations.append(annotation)
    if not annotations:
        raise ValueError(f'{path}: the annotation list is empty')
    return annotations


def _numbered_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``'file, line n'`` and the text of every line with text."""
    with path.open(encoding='utf-8-sig') as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield f'{path}, line {number}', line.strip()


def _parse(line: str, where: str) -> Annotation:
    """Split a line into path and label."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(
            f"{where}: expected 'path label' or 'path,label', got {line!r}"
        )
    path, label = _unquote(match['path']), _unquote(match['label'])
    try:
        return Annotation(path, int(label))
    except ValueError:
        raise ValueError(
            f'{where}: the label must be an integer, got {label!r} in {line!r}'
        ) from None


def _unquote(field: str) -> str:
    """Undo the quotes of a csv field."""
    if len(field) > 2 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field


def _index_folders(classnames: Sequence[str]) -> dict[str, int]:
    """Map the folder key of each class name that is unique to its label."""
    keys = [_key(name) for name in classnames]
    return {
        key: label
        for label, key in enumerate(keys)
        if key and keys.count(key) == 1
    }


@cache
def _key(name: str) -> str:
    """Reduce 'Apply Eye Makeup', 'ApplyEyeMakeup' to one spelling."""
    return re.sub(r'[^a-z0-9]', '', name.lower())
