"""Class names from the built-in lists, a sequence, or a file."""

import csv
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from .catalog import builtin_classnames, describe_builtin, is_builtin


def read_classnames(
    source: str | os.PathLike | Sequence[str], root: str | os.PathLike = ''
) -> tuple[str, ...]:
    """Read class names; the position of a name is its label.

    Args:
        source: Name of a built-in list such as 'ucf101', 'ssv2_novel' or
            'ucf101:camel' (:func:`builtin_vocabularies`, and a spelling),
            the names themselves, or the path of a file:

            - ``.txt``: one name a line;
            - ``.csv``: ``id,name`` with or without that header, any order;
            - ``.json``: ``{"0": "name"}``, ``{"name": 0}``,
              ``{"name": "0"}`` or a list. Names may be rephrased
              (``{"0": "Archery: A person ..."}``).
        root: Folder that a relative path starts from.

    Returns:
        The names, label 0 first.

    Raises:
        FileNotFoundError: If ``source`` is neither built in nor a file.
        ValueError: If ``source`` names nothing known, there is no name, a
            name is empty or occurs twice, the ids are not 0..n-1, or
            the file is malformed. The message names the file, and the line
            where there is one.

    Example:
        >>> read_classnames('hmdb51')[:2]
        ('brush hair', 'cartwheel')
        >>> read_classnames('ucf101:camel')[0]
        'ApplyEyeMakeup'
        >>> read_classnames(['archery', 'diving'])
        ('archery', 'diving')
    """
    if not isinstance(source, (str, os.PathLike)):
        where = 'class names'
        items = [(label, name, '') for label, name in enumerate(source)]
        return _in_label_order(items, where)
    if isinstance(source, str) and is_builtin(source):
        return builtin_classnames(source)
    path = Path(root) / source
    if path.suffix not in _READERS:
        raise ValueError(
            f'cannot read class names from {str(source)!r}, expected a '
            f'built-in list, a sequence of names, or a file ending in '
            f'{sorted(_READERS)}: {describe_builtin(str(source))}'
        )
    if not path.is_file():
        raise FileNotFoundError(f'file of class names not found: {path}')
    return _in_label_order(_READERS[path.suffix](path), str(path))


def _read_txt(path: Path) -> Iterable[tuple[int, str, str]]:
    """Read one name a line; blank lines at the end do not count."""
    lines = path.read_text(encoding='utf-8-sig').rstrip().splitlines()
    for label, line in enumerate(lines):
        yield label, line.strip(), f', line {label + 1}'


def _read_csv(path: Path) -> Iterable[tuple[int, str, str]]:
    """Read ``id,name`` rows; a first row whose id is a word is a header."""
    with path.open(encoding='utf-8-sig', newline='') as file:
        reader = csv.reader(file, skipinitialspace=True)
        for number, row in enumerate(reader):
            where = f', line {reader.line_num}'
            if not row or (number == 0 and not row[0].strip().isdigit()):
                continue
            if len(row) != 2 or not row[0].strip().isdigit():
                raise ValueError(
                    f'{path}{where}: expected id,name, got {",".join(row)!r}'
                    ' (put a name with a comma into double quotes)'
                )
            yield int(row[0]), row[1].strip(), where


def _read_json(path: Path) -> Iterable[tuple[int, str, str]]:
    """Read a list of names, or a map between ids and names."""
    try:
        content = json.loads(path.read_text(encoding='utf-8-sig'))
    except json.JSONDecodeError as error:
        raise ValueError(
            f'{path}, line {error.lineno}: not JSON: {error.msg}'
        ) from error
    if isinstance(content, list):
        return [(label, name, '') for label, name in enumerate(content)]
    if isinstance(content, dict):
        if all(key.isdigit() for key in content):
            return [(int(key), name, '') for key, name in content.items()]
        if all(_is_label(label) for label in content.values()):
            return [(int(label), name, '') for name, label in content.items()]
    raise ValueError(
        f'{path}: expected a list of names, {{"0": "name"}} or {{"name": 0}}'
    )


def _is_label(value: object) -> bool:
    """Return whether a JSON value is an index, as SSv2's strings are."""
    return type(value) is int or (isinstance(value, str) and value.isdigit())


def _in_label_order(
    items: Iterable[tuple[int, str, str]], where: str
) -> tuple[str, ...]:
    """Sort ``(label, name, line)`` by label and check them."""
    names: dict[int, str] = {}
    labels: dict[str, int] = {}
    for label, name, line in items:
        if not isinstance(name, str) or not name:
            raise ValueError(
                f'{where}{line}: name of class {label} is empty or not a '
                f'string: {name!r}'
            )
        if label in names:
            raise ValueError(f'{where}{line}: id {label} occurs twice')
        if name in labels:
            raise ValueError(
                f'{where}{line}: {name!r} is the name of class '
                f'{labels[name]} and of class {label}'
            )
        names[label] = name
        labels[name] = label
    if not names:
        raise ValueError(f'{where}: no class name found')
    missing = [label for label in range(len(names)) if label not in names]
    if missing:
        raise ValueError(
            f'{where}: ids must be 0..{len(names) - 1}, {missing[0]} is '
            'missing'
        )
    return tuple(names[label] for label in range(len(names)))


_READERS = {'.txt': _read_txt, '.csv': _read_csv, '.json': _read_json}
