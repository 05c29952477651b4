"""Text and tables that somebody else wrote."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_text(path: str | os.PathLike) -> str:
    r"""Read a text file in UTF-8, with ``\n`` at the end of lines.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is in another encoding or holds a NUL byte; file and
            line are named.
    """
    content = Path(path).read_bytes()
    if content[:2] in (b'\xff\xfe', b'\xfe\xff'):
        raise ValueError(f'{path}, line 1: UTF-16, save the file as UTF-8')
    try:
        text = content.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        line = content.count(b'\n', 0, error.start) + 1
        raise ValueError(
            f'{path}, line {line}: byte 0x{content[error.start]:02x} is not '
            'UTF-8 (latin-1 or another encoding?), save the file as UTF-8'
        ) from None
    before, nul, _ = text.partition('\0')
    if nul:
        raise ValueError(
            f'{path}, line {before.count(chr(10)) + 1}: a NUL byte, this is '
            'no text in UTF-8 (UTF-16?)'
        )
    return text.replace('\r\n', '\n').replace('\r', '\n')


def read_rows(
    path: str | os.PathLike, **options: Any
) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a csv file that are not blank.

    Args:
        path: The file.
        options: Of ``csv.reader``, such as ``delimiter``.

    Yields:
        Line, from 1, and the fields without blanks around them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If quotes do not match, or see :func:`read_text`.
    """
    file = io.StringIO(read_text(path))
    reader = csv.reader(file, skipinitialspace=True, strict=True, **options)
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield reader.line_num, [field.strip() for field in row]
    except csv.Error as error:
        raise ValueError(
            f'{path}, line {reader.line_num}: {error} (see the quotes)'
        ) from None


def read_table(
    path: str | os.PathLike, **options: Any
) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Read a csv file with a header.

    Args:
        path: The file.
        options: Of ``csv.reader``, such as ``delimiter``.

    Returns:
        The columns; and line, from 1, and fields by column of each row.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a row is longer or shorter than the header, a column
            occurs twice, or see :func:`read_rows`.
    """
    rows = read_rows(path, **options)
    _, header = next(rows, (0, []))
    if len(set(header)) < len(header):
        raise ValueError(f'{path}, line 1: a column occurs twice: {header}')
    found = []
    for line, row in rows:
        if len(row) != len(header):
            raise ValueError(
                f'{path}, line {line}: expected {header}, got {row}'
            )
        found.append((line, dict(zip(header, row, strict=True))))
    return header, found
