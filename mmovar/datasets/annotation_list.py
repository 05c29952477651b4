"""Annotation lists: one video and its label a line."""

import logging
import os
import posixpath
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from mmengine.logging import print_log

from mmovar.vocabulary import class_key

from .annotation_lines import LabelledLine, Line, read_lines
from .path_class import CarriedClass, PathClass

_NAMED = 5
_FEW_CLASSES = 10
"""Up to here a list may lack class 0 only because it is short."""


class Annotation(NamedTuple):
    """One video of a list."""

    path: str
    """Path as the list has it."""
    label: int
    """Index of the class name."""
    num_frames: int | None = None
    """Frames of the video, where the list has them."""


def read_annotation_list(
    ann_file: str | os.PathLike,
    classnames: Sequence[str],
    check_paths: bool = True,
) -> list[Annotation]:
    r"""Read a list of videos and check it against the class names.

    Lists of MMAction2, ViFi-CLIP, TC-CLIP, Open-VCLIP, FROSTER, DEVIAS and
    UCF101 itself are read as they are, see :func:`read_lines`. Blank lines,
    ``\r\n``, a byte order mark and a missing final newline are fine. The
    official lists of UCF101 need no other form: labels that count from 1, or
    no labels, are recognised by the classes that the paths name.

    A class that a path names (:class:`PathClass`) must agree with the label:
    this finds a label file in another order than the list
    (``kick_ball/x.avi,20`` when class 20 is 'kick').

    Args:
        ann_file: Path of the list.
        classnames: Names of the classes, label 0 first.
        check_paths: Whether paths and labels must agree. Turn it off to
            score against wrong names on purpose ('hmdb51_legacy_names').

    Returns:
        The videos in the order of the list.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the list is empty, a line lacks its path or label, a
            label is not an integer or out of range, labels count from 1, a
            label contradicts the path, or a video has two labels. The message
            names the file, and the line where there is one.
    """
    found = read_lines(ann_file)
    path_class = PathClass(classnames)
    carried = [path_class(line.path) for line in found]
    lines = [line for line in found if isinstance(line, LabelledLine)]
    if not lines:
        _check_twice([line.path for line in found], found, ann_file)
        return _labels_of_paths(found, carried, ann_file)
    if _is_official_ucf101(lines, carried):
        lines = [replace(line, label=line.label - 1) for line in lines]
    _check_range(lines, classnames, ann_file)
    if check_paths:
        _check_paths(lines, carried, classnames, ann_file)
    if not any(carried):
        _check_base(lines, classnames, ann_file)
    _check_twice([line.label for line in lines], lines, ann_file)
    return [Annotation(line.path, line.label, line.frames) for line in lines]


def select_classes(
    annotations: Iterable[Annotation],
    list_classnames: Sequence[str],
    classnames: Sequence[str],
) -> list[Annotation]:
    """Keep the videos of some classes, with labels among these.

    Args:
        annotations: Videos with labels among ``list_classnames``.
        list_classnames: Class names that the list counts.
        classnames: Class names to keep, in the new order; in any spelling.

    Raises:
        ValueError: If one of ``classnames`` is not in ``list_classnames``,
            two names differ in spelling only, or no video is left.
    """
    keys = _unique_keys(list_classnames)
    new_label = {key: i for i, key in enumerate(_unique_keys(classnames))}
    known = set(keys)
    unknown = [
        classnames[i] for key, i in new_label.items() if key not in known
    ]
    if unknown:
        raise ValueError(
            f'{len(unknown)} class names are not among those of the list, '
            f'such as {unknown[0]!r}'
        )
    selected = [
        annotation._replace(label=new_label[keys[annotation.label]])
        for annotation in annotations
        if keys[annotation.label] in new_label
    ]
    if not selected:
        raise ValueError('the list holds no video of the selected classes')
    return selected


def _unique_keys(classnames: Sequence[str]) -> list[str]:
    """Return the key of each class name."""
    keys = [class_key(name) for name in classnames]
    times = Counter(keys)
    double = [
        name
        for name, key in zip(classnames, keys, strict=True)
        if times[key] > 1
    ]
    if double:
        raise ValueError(f'class names differ in spelling only: {double[:4]}')
    return keys


def classes_without_video(
    annotations: Iterable[Annotation], classnames: Sequence[str]
) -> list[str]:
    """Return the class names that no video of a list has."""
    present = {annotation.label for annotation in annotations}
    return [
        name for label, name in enumerate(classnames) if label not in present
    ]


def foreign_classes(
    annotations: Iterable[Annotation], classnames: Sequence[str]
) -> list[str]:
    """Return the classes of file names that the class names lack.

    UCF101's and HMDB51's file names carry their class (:class:`PathClass`).
    Novel videos with the names of the base classes are found so.
    """
    path_class = PathClass(classnames)
    carried = [path_class(annotation.path) for annotation in annotations]
    return list(
        dict.fromkeys(c.name for c in carried if c and c.label is None)
    )


def _labels_of_paths(
    lines: Sequence[Line],
    carried: Sequence[CarriedClass | None],
    ann_file: str | os.PathLike,
) -> list[Annotation]:
    """Label the videos of a list without labels."""
    annotations = []
    for line, known in zip(lines, carried, strict=True):
        if known is None or known.label is None:
            raise ValueError(
                f'{ann_file}, line {line.number}: no label, and the path '
                f'names none of the classes: {line.path!r}'
            )
        annotations.append(Annotation(line.path, known.label))
    return annotations


def _is_official_ucf101(
    lines: Sequence[LabelledLine], carried: Sequence[CarriedClass | None]
) -> bool:
    """Return whether this is a trainlist: ``Class/v_Class_... 1`` and on."""
    return all(
        known is not None
        and known.source == 'ucf101'
        and known.label is not None
        and line.label == known.label + 1
        and '/' in line.path
        for line, known in zip(lines, carried, strict=True)
    )


def _check_twice(
    labels: Sequence[Hashable],
    lines: Sequence[Line],
    ann_file: str | os.PathLike,
) -> None:
    """Name videos that occur twice; refuse two labels of one."""
    first: dict[str, tuple[Hashable, Line]] = {}
    again = []
    for label, line in zip(labels, lines, strict=True):
        path = posixpath.normpath(line.path)
        known, before = first.setdefault(path, (label, line))
        if known != label:
            raise ValueError(
                f'{ann_file}, line {line.number}: {line.path!r} has label '
                f'{label}, but {known} in line {before.number}; a multi-label '
                'list is not read'
            )
        if before is not line:
            again.append(f'{line.path!r} in line {line.number}')
    if again:
        print_log(
            f'{ann_file}: {len(again)} lines name a video again, which counts '
            f'as often: {", ".join(again[:_NAMED])}',
            logger='current',
            level=logging.WARNING,
        )


def _check_range(
    lines: Sequence[LabelledLine],
    classnames: Sequence[str],
    ann_file: str | os.PathLike,
) -> None:
    """Refuse labels that no class name has."""
    labels = [line.label for line in lines]
    if min(labels) == 1 and max(labels) == len(classnames):
        raise ValueError(_counts_from_one(ann_file, classnames))
    for line in lines:
        if not 0 <= line.label < len(classnames):
            raise ValueError(
                f'{ann_file}, line {line.number}: label {line.label} is out '
                f'of range, the {len(classnames)} class names have labels '
                f'0..{len(classnames) - 1}'
            )


def _check_base(
    lines: Sequence[LabelledLine],
    classnames: Sequence[str],
    ann_file: str | os.PathLike,
) -> None:
    """Refuse a list that has every class but class 0."""
    labels = {line.label for line in lines}
    expected = set(range(1, len(classnames)))
    if len(classnames) > _FEW_CLASSES and labels == expected:
        raise ValueError(_counts_from_one(ann_file, classnames))


def _counts_from_one(
    ann_file: str | os.PathLike, classnames: Sequence[str]
) -> str:
    return (
        f'{ann_file}: the labels seem to count from 1: class 0 '
        f'({classnames[0]!r}) has no video, all others have. Labels must '
        f'count from 0, up to {len(classnames) - 1}'
    )


def _check_paths(
    lines: Sequence[LabelledLine],
    carried: Sequence[CarriedClass | None],
    classnames: Sequence[str],
    ann_file: str | os.PathLike,
) -> None:
    """Refuse labels that contradict the classes that the paths name."""
    key_of_label: dict[int, CarriedClass] = {}
    for line, known in zip(lines, carried, strict=True):
        if known is None:
            continue
        where = f'{ann_file}, line {line.number}'
        if known.label is not None and known.label != line.label:
            raise ValueError(
                f'{where}: the class names do not fit the list: the '
                f'{_part(known)} names {known.name!r}, which is class '
                f'{known.label} of the class names, but the label is '
                f'{line.label} ({classnames[line.label]!r}; labels count '
                f'from 0). tools/data/audit_labels.py lists all such labels'
            )
        first = key_of_label.setdefault(line.label, known)
        if class_key(first.name) != class_key(known.name):
            raise ValueError(
                f'{where}: videos of two classes have label {line.label}: '
                f'{first.name!r} and {known.name!r}'
            )


def _part(known: CarriedClass) -> str:
    return 'folder' if known.source == 'folder' else 'file name'
