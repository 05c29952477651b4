"""Files of class names: one a line, ``id,name`` rows, or JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .text_files import read_rows, read_text

Item = tuple[int, str, str]
"""Label, name, and where it stands in the file."""

_ID = re.compile(r'[0-9]{1,9}')
_HEADS = {'', '#', 'id', 'idx', 'index', 'label', 'class', 'number', 'no'}
_HEADS |= {'class_id', 'class id', 'classid', 'label_id', 'ids', 'labels'}
_NUMBERED = re.compile(r'(?P<id>\d+)([.:)]?\s+|\s*[,;]\s*)(?P<name>\S.*)')
_NO_NAMES = {
    r'"[^"]*"[,;]?': 'stands in quotes',
    r'.*[,;]': 'ends with a sign',
    r'.+[,;\t]\s*\d+': 'ends with a number',
}
_REMEDY = 'write one name a line, or a .csv file of id,name'


def read_txt(path: Path) -> Iterable[Item]:
    """Read one name a line; blank lines at the end do not count.

    A number before each name is taken off if they count from 0 or 1.
    """
    text = read_text(path).rstrip()
    lines = [line.strip() for line in text.split('\n')] if text else []
    _refuse_other_forms(path, lines)
    found = [_NUMBERED.fullmatch(line) for line in lines]
    ids = [int(match['id'][:9]) for match in found if match]
    numbered = len(ids) == len(lines)
    if ids and numbered and not (ids[0] in (0, 1) and _count_up(ids)):
        raise ValueError(
            f'{path}: all lines begin with a number, as in {lines[0][:80]!r}, '
            f'but they do not count from 0 or 1: {_REMEDY}'
        )
    if len(ids) > 1 and not numbered and _count_up(ids):
        number = found.index(None)
        raise ValueError(
            f'{path}, line {number + 1}: no number before {lines[number]!r}, '
            f'but {len(ids)} other lines are numbered: {_REMEDY}'
        )
    for label, (text, match) in enumerate(zip(lines, found, strict=True)):
        name = match['name'] if match and numbered else text
        yield label, name, f', line {label + 1}'


def _count_up(ids: Sequence[int]) -> bool:
    return list(ids) == list(range(ids[0], ids[0] + len(ids)))


def _refuse_other_forms(path: Path, lines: Sequence[str]) -> None:
    """Refuse what is no list of names, though each line could be one."""
    for number, line in enumerate(lines, start=1):
        if line.startswith('#'):
            raise ValueError(
                f'{path}, line {number}: {line[:80]!r} looks like a comment: '
                f'{_REMEDY}'
            )
    if lines and lines[0][:1] + lines[-1][-1:] in ('<>', '{}', '[]'):
        raise ValueError(
            f'{path}, line 1: {lines[0][:80]!r} looks like JSON or HTML: '
            f'{_REMEDY}'
        )
    for pattern, form in _NO_NAMES.items():
        if lines and all(re.fullmatch(pattern, line) for line in lines):
            raise ValueError(
                f'{path}: each line {form}, as {lines[0][:80]!r}: {_REMEDY}'
            )


def read_csv(path: Path) -> Iterable[Item]:
    """Read ``id,name`` rows; a header names the ids."""
    for number, (line, row) in enumerate(read_rows(path)):
        where = f', line {line}'
        if number == 0 and row[0].lower() in _HEADS:
            continue
        if len(row) != 2 or not _ID.fullmatch(row[0]):
            raise ValueError(
                f'{path}{where}: expected id,name, got {",".join(row)[:80]!r}'
                ' (put a name with a comma into double quotes)'
            )
        yield int(row[0]), row[1], where


def read_json(path: Path) -> Iterable[Item]:
    """Read a list of names, or a map between ids and names."""
    text = read_text(path)
    try:
        content = json.loads(text, object_pairs_hook=_each_once)
    except json.JSONDecodeError as error:
        raise ValueError(
            f'{path}, line {error.lineno}: not JSON: {error.msg}'
        ) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f'{path}: {str(error)[:200]}') from error
    if isinstance(content, list):
        return [(label, name, '') for label, name in enumerate(content)]
    if isinstance(content, dict):
        if all(_ID.fullmatch(key) for key in content):
            return [(int(key), name, '') for key, name in content.items()]
        if all(_is_label(label) for label in content.values()):
            return [(int(label), name, '') for name, label in content.items()]
    raise ValueError(
        f'{path}: expected a list of names, {{"0": "name"}} or {{"name": 0}}'
    )


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that occurs twice: JSON would keep the last."""
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f'key {twice!r} occurs twice')
    return content


def _is_label(value: object) -> bool:
    """Return whether a JSON value is an index, as SSv2's strings are."""
    is_id = isinstance(value, str) and _ID.fullmatch(value) is not None
    return type(value) is int or is_id


READERS = {'.txt': read_txt, '.csv': read_csv, '.json': read_json}
"""Reader of each kind of file, by its suffix."""
