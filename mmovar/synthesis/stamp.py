"""Refuse to go on in a folder that was begun with other settings."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmovar.atomic_write import write_text

NAME = 'settings.json'


def check_stamp(
    folder: str | os.PathLike, settings: Mapping[str, Any]
) -> None:
    """Note the settings in a folder, or compare with those noted there.

    Args:
        folder: Made if need be.
        settings: Plain values.

    Raises:
        ValueError: If the folder was begun with others.
    """
    path = Path(folder) / NAME
    wanted = json.loads(json.dumps(dict(settings)))
    if path.is_file():
        noted = json.loads(path.read_text(encoding='utf-8'))
        differ = sorted(
            key
            for key in {*noted, *wanted}
            if noted.get(key) != wanted.get(key)
        )
        if differ:
            raise ValueError(
                f'{folder} was begun with other settings: '
                + ', '.join(
                    f'{key} {noted.get(key)!r}, now {wanted.get(key)!r}'
                    for key in differ
                )
                + '; choose another folder'
            )
        return
    write_text(path, json.dumps(wanted, indent=2) + '\n')
