"""Refuse to go on in a folder that was begun with other settings."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .atomic_write import write_text

NAME = 'settings.json'
_SHOWN = 5


def check_stamp(
    folder: str | os.PathLike, settings: Mapping[str, Any]
) -> None:
    """Note the settings in a folder, or compare with those noted there.

    Args:
        folder: Made if need be.
        settings: Plain values, in any depth.

    Raises:
        ValueError: If the folder was begun with others; names the first.
    """
    path = Path(folder) / NAME
    wanted = json.loads(json.dumps(settings))
    if not path.is_file():
        write_text(path, json.dumps(wanted, indent=2) + '\n')
        return
    try:
        noted = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(f'{path} is damaged ({error}); remove it') from error
    differ = _differences(noted, wanted)
    if differ:
        more = len(differ) - _SHOWN
        shown = ', '.join(differ[:_SHOWN])
        raise ValueError(
            f'{folder} was begun with other settings: {shown}'
            + (f' and {more} more' if more > 0 else '')
            + '; choose another folder'
        )


def _differences(noted: Any, wanted: Any) -> list[str]:
    first, second = dict(_leaves(noted)), dict(_leaves(wanted))
    return [
        f'{key} {first.get(key)!r}, now {second.get(key)!r}'
        for key in sorted({*first, *second})
        if first.get(key) != second.get(key)
    ]


def _leaves(value: Any, name: str = '') -> Iterator[tuple[str, Any]]:
    """Yield the single values of nested settings, by dotted name."""
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    if not isinstance(value, dict):
        yield name, value
        return
    for key, item in value.items():
        yield from _leaves(item, f'{name}.{key}' if name else key)
