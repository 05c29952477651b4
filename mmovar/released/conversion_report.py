"""The table that says where each key of a file went."""

import re
from collections.abc import Mapping

from .conversion import Conversion


def conversion_report(conversion: Conversion, every_key: bool = False) -> str:
    """Write where each key went, layers that are alike in one row.

    Args:
        conversion: Of a release.
        every_key: Whether each key has a row of its own.

    Returns:
        Rows of count, key of the file, and our name or the reason.
    """
    rows = [
        *_rows('mapped', conversion.mapped, every_key),
        *_rows('dropped', conversion.dropped, every_key),
        *_rows(
            'from CLIP',
            dict.fromkeys(conversion.from_base, 'taken from base'),
            every_key,
        ),
        *_rows('missing', dict.fromkeys(conversion.missing, ''), every_key),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        '  '.join(
            [*(cell.ljust(w) for cell, w in zip(row, widths, strict=False))]
            + [row[3]]
        ).rstrip()
        for row in rows
    ]
    counts = (
        f'{len(conversion.mapped)} keys mapped, {len(conversion.dropped)} '
        f'dropped, {len(conversion.from_base)} weights from CLIP, '
        f'{len(conversion.missing)} missing'
    )
    return '\n'.join([*lines, counts])


def _rows(
    kind: str, keys: Mapping[str, str], every_key: bool
) -> list[tuple[str, str, str, str]]:
    if every_key:
        return [(kind, '', key, text) for key, text in keys.items()]
    merged: dict[tuple[str, str], int] = {}
    for key, text in keys.items():
        row = _without_index(key), _without_index(text)
        merged[row] = merged.get(row, 0) + 1
    return [
        (kind, str(count), key, text) for (key, text), count in merged.items()
    ]


def _without_index(name: str) -> str:
    return re.sub(r'\.\d+(?=\.|$)', '.*', name)
