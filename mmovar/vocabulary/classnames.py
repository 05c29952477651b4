"""Class names from the built-in lists, a sequence, or a file."""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from .catalog import builtin_classnames, describe_builtin, is_builtin
from .classname_files import READERS, Item

_NO_TEXT = ('Cc', 'Cs', 'Zl', 'Zp')  # control, surrogates, separators


def read_classnames(
    source: str | os.PathLike | Sequence[str], root: str | os.PathLike = ''
) -> tuple[str, ...]:
    """Read class names; the position of a name is its label.

    Args:
        source: Name of a built-in list such as 'ucf101', 'ssv2_novel' or
            'ucf101:camel' (:func:`builtin_vocabularies`, and a spelling),
            the names themselves, or the path of a file:

            - ``.txt``: one name a line; a number before each is taken off
              if they count from 0 or 1 (``1 ApplyEyeMakeup``);
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
            name is empty or occurs twice (in any case of letters), the ids
            are not 0..n-1, or the file is malformed. The message names the
            file, and the line where there is one.

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
    if path.suffix not in READERS:
        raise ValueError(
            f'cannot read class names from {str(source)!r}, expected a '
            f'built-in list, a sequence of names, or a file ending in '
            f'{sorted(READERS)}: {describe_builtin(str(source))}'
        )
    if not path.is_file():
        raise FileNotFoundError(f'file of class names not found: {path}')
    return _in_label_order(READERS[path.suffix](path), str(path))


def list_or_names(words: Sequence[str]) -> str | Sequence[str]:
    """Tell the one name or file of a list, on a command line, from names.

    Args:
        words: Class names; or one word, which is a built-in list or a file.

    Returns:
        What :func:`read_classnames` takes.

    Raises:
        ValueError: If there are several, and one ends as files of names do.
    """
    files = [word for word in words if Path(word).suffix in READERS]
    if len(words) > 1 and files:
        raise ValueError(
            f'{files[0]!r} is a file of class names: give it alone, or names'
        )
    one = words[0]
    if len(words) == 1 and (files or is_builtin(one) or Path(one).is_file()):
        return one
    return words


def _in_label_order(items: Iterable[Item], where: str) -> tuple[str, ...]:
    """Sort ``(label, name, line)`` by label and check them."""
    names: dict[int, str] = {}
    labels: dict[str, int] = {}
    for label, name, line in items:
        _check_name(label, name, where + line)
        if label in names:
            raise ValueError(f'{where}{line}: id {label} occurs twice')
        # CLIP reads lower case, and any blanks as one
        twin = labels.setdefault(' '.join(name.split()).lower(), label)
        if twin != label:
            other = names[twin]
            note = '' if other == name else f'; CLIP reads {other!r} alike'
            raise ValueError(
                f'{where}{line}: {name!r} is the name of class {twin} and of '
                f'class {label}{note}'
            )
        names[label] = name
    if not names:
        raise ValueError(f'{where}: no class name found')
    missing = [label for label in range(len(names)) if label not in names]
    if missing:
        raise ValueError(
            f'{where}: ids must be 0..{len(names) - 1}, {missing[0]} is '
            'missing'
        )
    return tuple(names[label] for label in range(len(names)))


def _check_name(label: int, name: object, where: str) -> None:
    """Refuse what is no text, or has signs in it that no one sees."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError(
            f'{where}: name of class {label} is empty or not a string: '
            f'{str(name)[:80]!r}'
        )
    signs = [c for c in name if unicodedata.category(c) in _NO_TEXT]
    if signs or '\ufffd' in name:
        raise ValueError(
            f'{where}: name of class {label} holds '
            f'{(signs or [chr(0xFFFD)])[0]!r}, which is no text: '
            f'{name[:80]!r}'
        )
