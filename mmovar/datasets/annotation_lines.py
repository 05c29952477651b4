"""Lines of annotation lists in the forms that repositories use."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmovar.vocabulary.text_files import read_text

from .io.video_locator import VIDEO_SUFFIXES, is_video_name

# Everything before the last comma, tab or run of blanks is the path.
_LINE = re.compile(r'(?P<path>.+?)(?:\s*,\s*|\s+)(?P<label>[^\s,]+)')
_FRAMES = re.compile(
    r'(?P<path>.+\S)\s+(?P<frames>[0-9]{1,9})\s+(?P<label>[0-9]{1,9})'
)
_LONGEST = 5000
_INTEGER = re.compile(r'[+-]?[0-9]{1,9}')
_SEVERAL_LABELS = re.compile(
    rf'.+?\.({VIDEO_SUFFIXES.replace(" ", "|")})"?([\s,;]+-?\d+){{2,}}',
    re.IGNORECASE,
)
_HMDB51_SPLIT = re.compile(r'\w+_test_split[123]\.txt')


@dataclass(frozen=True)
class Line:
    """One line of a list."""

    number: int
    """Counted from 1."""
    path: str


@dataclass(frozen=True)
class LabelledLine(Line):
    """One line with a label, not checked against class names yet."""

    label: int
    frames: int | None
    """Frames of the video, where the list has them."""


def read_lines(ann_file: str | os.PathLike) -> Sequence[Line]:
    """Read the lines of a list with text in them.

    All lines have one of these forms:

    - ``path label``, ``path,label``: before the last comma, tab or run of
      blanks is the path, so paths may hold blanks and commas; a path may
      stand in double quotes;
    - ``path frames label``: frame folders, no video extension;
    - ``path`` alone, with a video extension: official test lists of UCF101.

    Returns:
        All lines with labels (:class:`LabelledLine`), or all without.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the list is empty, a line has none of the forms, has
            several labels or is a comment, or the file is an official split
            file of HMDB51, which has flags in place of labels.
    """
    path = Path(ann_file)
    if not path.is_file():
        raise FileNotFoundError(f'annotation list not found: {path}')
    if _HMDB51_SPLIT.fullmatch(path.name):
        raise ValueError(
            f'{path}: an official split file of HMDB51 holds flags (1 train, '
            '2 test), not labels: build lists with tools/data/prepare.py'
        )
    texts = [
        (number, line.strip())
        for number, line in enumerate(read_text(path).split('\n'), start=1)
        if line.strip()
    ]
    if not texts:
        raise ValueError(f'{path}: the annotation list is empty')
    for number, text in texts:
        if len(text) > _LONGEST:
            raise ValueError(
                f'{path}, line {number}: {len(text)} characters are no path '
                f'and label: {text[:80]!r}'
            )
    if all(is_video_name(text) for _, text in texts):
        return [Line(number, text) for number, text in texts]
    return _with_frames(texts, path) or [
        _with_label(number, text, path) for number, text in texts
    ]


def _with_frames(
    texts: Sequence[tuple[int, str]], file: Path
) -> list[LabelledLine]:
    """Read ``path frames label``, or nothing if one line is not that."""
    lines = []
    for number, text in texts:
        match = _FRAMES.fullmatch(text)
        path = match['path'] if match else ''
        if match is None or is_video_name(path) or path.startswith('#'):
            return []
        if _SEVERAL_LABELS.fullmatch(text):
            return []
        frames, label = int(match['frames']), int(match['label'])
        if not frames:
            raise ValueError(
                f'{file}, line {number}: {text!r} is a clip of 0 frames; '
                'several labels a line, a multi-label list, are not read'
            )
        lines.append(LabelledLine(number, match['path'], label, frames))
    return lines


def _with_label(number: int, text: str, file: Path) -> LabelledLine:
    """Split a line into path and label."""
    where, shown = f'{file}, line {number}', repr(text[:200])
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{where}: expected 'path label' or 'path,label', got {shown}"
        )
    if _SEVERAL_LABELS.fullmatch(text):
        raise ValueError(
            f'{where}: several numbers behind a video, {shown}: a multi-label '
            'list is not read, and a video file needs no number of frames'
        )
    path, label = _unquote(match['path']), _unquote(match['label'])
    if path.startswith('#') and not is_video_name(path):
        raise ValueError(f'{where}: {shown} looks like a comment')
    if not _INTEGER.fullmatch(label):
        raise ValueError(
            f'{where}: the label must be an integer, got {label[:80]!r} in '
            f'{shown}'
        )
    return LabelledLine(number, path, int(label), None)


def _unquote(field: str) -> str:
    """Undo the quotes of a csv field."""
    if len(field) > 2 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field
