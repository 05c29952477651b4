"""One JSON line for each cell that was tested."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from mmovar.atomic_write import write_text

from .predictions import Fraction, Predictions

FORMAT = 1
"""Counts up when fields change their meaning."""


@dataclass(frozen=True)
class Record:
    """Everything recorded about the test of one cell.

    Raises:
        ValueError: If a fraction is not one.
    """

    cell: str
    """Name of the cell."""
    protocol: str
    """Name of the protocol."""
    version: int
    """Version of the cell."""
    method: str
    """What was tested, for the rows of tables."""
    fractions: Mapping[str, Fraction]
    """Metric to numerator and denominator."""
    videos: int
    """Videos of the list."""
    unreadable: tuple[str, ...] = ()
    """Videos that could not be decoded; they count as wrong."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Numbers in 0..1 that are no fractions, such as ``'mean1'``."""
    declared: Mapping[str, Any] = field(default_factory=dict)
    """The cell, as it is declared."""
    views: Mapping[str, Any] = field(default_factory=dict)
    """Frames, clips, crops, averaging, precision as they were run."""
    selection: str = ''
    """Which checkpoint, in words."""
    config: str = ''
    """Path of the config file."""
    config_sha256: str = ''
    checkpoint: str | None = None
    checkpoint_sha256: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    predictions: str | None = None
    """File of the predictions, beside the record."""
    seconds: float | None = None
    format: int = FORMAT
    path: str | None = field(default=None, compare=False)
    """Where it was read from."""

    def __post_init__(self) -> None:
        for metric, (part, whole) in self.fractions.items():
            if not 0 <= part <= whole or whole < 1:
                raise ValueError(
                    f'{self.cell}: {metric} = {part}/{whole} is no fraction'
                )

    @property
    def precision(self) -> str:
        """Precision of the test: ``'float32'``, ``'tf32'`` or a half."""
        return self.views.get('precision', 'float32')

    def percent(self, metric: str) -> float | None:
        """Return a number in percent, None if it was not measured."""
        if metric in self.fractions:
            part, whole = self.fractions[metric]
            return 100 * part / whole
        if metric in self.values:
            return 100 * self.values[metric]
        return None

    def load_predictions(self) -> Predictions:
        """Read the predictions.

        Raises:
            ValueError: If none were kept.
        """
        if self.predictions is None or self.path is None:
            raise ValueError(f'{self.cell}: no predictions were kept')
        return Predictions.load(Path(self.path).parent / self.predictions)

    def write(self, folder: str | os.PathLike) -> Path:
        """Write ``{folder}/{cell}.json``, at once or not at all."""
        path = record_path(folder, self.cell)
        content = asdict(self)
        content.pop('path')
        write_text(path, json.dumps(content) + '\n')
        return path


def record_path(folder: str | os.PathLike, cell: str) -> Path:
    """Return where the record of a cell lies."""
    return Path(folder) / f'{cell.replace("/", "-")}.json'


def read_records(paths: Iterable[str | os.PathLike]) -> list[Record]:
    """Read records from files and from folders with all below them.

    Args:
        paths: Files with one record a line, or folders of such files
            (``*.json``, ``*.jsonl``; other JSON is passed over in folders).

    Returns:
        The records, by path.

    Raises:
        FileNotFoundError: If a path does not exist.
        ValueError: If a named file holds something else, or a record is of a
            format that this version does not know.
    """
    records = []
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(path.rglob('*.json*')):
                if file.parent.name[:1] != '.':  # not of a killed test
                    records += _read(file, strict=False)
        elif path.is_file():
            records += _read(path, strict=True)
        else:
            raise FileNotFoundError(f'no records at {path}')
    return records


def _read(path: Path, strict: bool) -> list[Record]:
    records = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
            known = isinstance(content, dict) and {'cell', 'fractions'} <= set(
                content
            )
        except json.JSONDecodeError:
            known = False
        if not known:
            if strict:
                raise ValueError(f'{path}, line {number}: not a record')
            return []
        records.append(_parse(content, path, number))
    return records


def _parse(content: dict[str, Any], path: Path, number: int) -> Record:
    names = {f.name for f in fields(Record)}
    if content.get('format') != FORMAT or set(content) - names:
        raise ValueError(
            f'{path}, line {number}: record of format '
            f'{content.get("format")!r}, this version reads {FORMAT}'
        )
    content['fractions'] = {
        key: tuple(value) for key, value in content['fractions'].items()
    }
    content['unreadable'] = tuple(content.get('unreadable', ()))
    return Record(**content, path=str(path))


def sha256_of(path: str | os.PathLike) -> str:
    """Hash a file."""
    with Path(path).open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
