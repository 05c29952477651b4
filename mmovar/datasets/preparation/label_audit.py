"""Compare the labels of a list with what else is known of its videos."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mmovar.vocabulary import class_key

from ..annotation_lines import LabelledLine, read_lines
from ..io.video_locator import StemIndex
from ..path_class import PathClass


@dataclass(frozen=True)
class Disagreement:
    """Videos of one label whose path, or reference list, names another."""

    label: int
    """Label in the list."""
    given: str | None
    """Class name of this label; None if no class has it."""
    known: str
    """Class that path or reference list names."""
    lines: tuple[int, ...]
    """Lines of the list, counted from 1."""
    paths: tuple[str, ...]


@dataclass(frozen=True)
class LabelAudit:
    """What an audit found."""

    total: int
    """Videos of the list."""
    checked: int
    """Videos whose class is known from elsewhere."""
    disagreements: tuple[Disagreement, ...]
    """In order of labels; empty if all is well."""

    @property
    def wrong(self) -> int:
        """Number of videos with a label that disagrees."""
        return sum(len(found.paths) for found in self.disagreements)


def audit_labels(
    ann_file: str | os.PathLike,
    classnames: Sequence[str],
    reference: str | os.PathLike | None = None,
) -> LabelAudit:
    """Compare the names that paths carry with the names of the labels.

    Args:
        ann_file: List to check, in any form of :func:`read_lines` that has
            labels.
        classnames: Names of the classes, label 0 first.
        reference: List with right labels among the same class names. It
            decides for the videos that are in it, found by name or YouTube
            id; paths decide for the others.

    Raises:
        FileNotFoundError: If a list does not exist.
        ValueError: If a list is malformed or has no labels.
    """
    lines = _labelled(ann_file)
    known = _KnownClass(
        classnames, () if reference is None else _labelled(reference)
    )
    found: dict[tuple[int, str], list[LabelledLine]] = defaultdict(list)
    checked = 0
    for line in lines:
        name = known(line.path)
        if name is None:
            continue
        checked += 1
        given = _name_of(line.label, classnames)
        if given is None or class_key(given) != class_key(name):
            found[line.label, name].append(line)
    return LabelAudit(
        total=len(lines),
        checked=checked,
        disagreements=tuple(
            Disagreement(
                label=label,
                given=_name_of(label, classnames),
                known=name,
                lines=tuple(line.number for line in wrong),
                paths=tuple(line.path for line in wrong),
            )
            for (label, name), wrong in sorted(found.items())
        ),
    )


def explain(audit: LabelAudit, classnames: Sequence[str]) -> str:
    """Say in one sentence what the disagreements have in common, or ''."""
    keys = [class_key(name) for name in classnames]
    pairs = [
        (found.label, keys.index(class_key(found.known)))
        for found in audit.disagreements
        if class_key(found.known) in keys
    ]
    complete = pairs and len(pairs) == len(audit.disagreements)
    one_too_high = complete and all(a == b + 1 for a, b in pairs)
    if one_too_high and audit.wrong == audit.checked:
        return 'All labels are one too high: the list counts from 1.'
    swapped = [(a, b) for a, b in pairs if a < b and (b, a) in pairs]
    if complete and 2 * len(swapped) == len(pairs):
        rows = ', '.join(f'{a} and {b}' for a, b in swapped)
        return f'Swapped classes: {rows}.'
    labels = {found.label for found in audit.disagreements}
    if len(labels) == 1 < len(audit.disagreements):
        return f'Only label {min(labels)} is wrong: a fallback value?'
    return ''


class _KnownClass:
    """Class of a video by the reference list, else by its path."""

    def __init__(
        self, classnames: Sequence[str], reference: Iterable[LabelledLine]
    ) -> None:
        self._classnames = classnames
        self._path_class = PathClass(classnames)
        self._labels = {line.path: line.label for line in reference}
        self._index = StemIndex(self._labels)

    def __call__(self, path: str) -> str | None:
        listed = self._index.find(path)
        if listed is not None:
            return _name_of(self._labels[listed], self._classnames)
        carried = self._path_class(path)
        if carried is None:
            return None
        if carried.label is None:
            return carried.name
        return self._classnames[carried.label]


def _labelled(ann_file: str | os.PathLike) -> list[LabelledLine]:
    """Read a list that must have labels."""
    lines = [x for x in read_lines(ann_file) if isinstance(x, LabelledLine)]
    if not lines:
        raise ValueError(f'{ann_file}: the list has no labels to check')
    return lines


def _name_of(label: int, classnames: Sequence[str]) -> str | None:
    return classnames[label] if 0 <= label < len(classnames) else None
