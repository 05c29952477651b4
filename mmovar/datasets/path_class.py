"""The class that the path of a video names, whatever its label says."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from mmovar.vocabulary import class_key, read_classnames

from .io.video_locator import parent_folder, video_stem

# v_ApplyEyeMakeup_g01_c01
_UCF101 = re.compile(r'v_(?P<name>[A-Za-z]+)_g\d+_c\d+')
# <title>_<class>_<body part>_<camera motion>_<people>_<side>_<quality>_<n>
_HMDB51 = re.compile(
    r'(?P<start>.+)_[a-z]+_(cm|nm)_np\d+_[a-z]{2}_[a-z]{3}_\d+'
)
_SCUBA_COPY = re.compile(r'__\d+$')


def source_stem(path: str) -> str:
    """Return the name of the video that a clip of SCUBA was made of."""
    return _SCUBA_COPY.sub('', video_stem(path))


class CarriedClass(NamedTuple):
    """Class that a path names."""

    name: str
    """As the path spells it."""
    label: int | None
    """Index among the class names; None if none of them is this class."""
    source: str
    """Part of the path: 'ucf101' or 'hmdb51' file name, or 'folder'."""


class PathClass:
    """Find out which class the path of a video names.

    The file names of UCF101 (``v_ApplyEyeMakeup_g01_c01``) and HMDB51
    (``..._brush_hair_u_nm_np1_ba_goo_0``) name it, also with the ending
    ``__0`` of SCUBA. Otherwise the folder of the video does, if it bears the
    name of a class; a folder such as ``val`` says nothing. Spelling does not
    matter, see :func:`class_key`.

    Args:
        classnames: Names of the classes, label 0 first.
    """

    def __init__(self, classnames: Sequence[str]) -> None:
        keys = [class_key(name) for name in classnames]
        times = Counter(keys)
        self._labels = {
            key: label
            for label, key in enumerate(keys)
            if key and times[key] == 1
        }

    def __call__(self, path: str) -> CarriedClass | None:
        """Return the class that ``path`` names, or None."""
        stem = source_stem(path)
        name, source = _name_of_file(stem)
        if name:
            return CarriedClass(
                name, self._labels.get(class_key(name)), source
            )
        folder = parent_folder(path)
        label = self._labels.get(class_key(folder)) if folder else None
        return None if label is None else CarriedClass(folder, label, 'folder')

    def label(self, path: str) -> int | None:
        """Return the label of the class that ``path`` names, if it has one."""
        known = self(path)
        return None if known is None else known.label


def _name_of_file(stem: str) -> tuple[str, str]:
    """Return the class in a file name of UCF101 or HMDB51, and which."""
    match = _UCF101.fullmatch(stem)
    if match:
        return match['name'], 'ucf101'
    match = _HMDB51.fullmatch(stem)
    if match:
        start = f'_{match["start"].lower()}'
        for name in _hmdb51_names():
            if start.endswith(f'_{name}'):
                return name, 'hmdb51'
    return '', ''


@cache
def _hmdb51_names() -> tuple[str, ...]:
    """Names of HMDB51, long ones first: 'draw_sword' ends with 'sword'."""
    names = read_classnames('hmdb51:snake')
    return tuple(sorted(names, key=len, reverse=True))
