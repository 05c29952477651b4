"""Class lists that come with the package, by dataset and subset."""

from functools import cache
from pathlib import Path

FULL_LISTS = ('kinetics400', 'kinetics600', 'ucf101', 'hmdb51', 'ssv2')
"""Data sets whose whole list of class names is built in."""

_DATA_DIR = Path(__file__).parent / 'data'


@cache
def read_full_list(dataset: str) -> tuple[str, ...]:
    """Read the names of a dataset, in the order of its official labels.

    Raises:
        ValueError: If ``dataset`` is not one of :data:`FULL_LISTS`.
    """
    if dataset not in FULL_LISTS:
        raise ValueError(
            f'no class list of {dataset!r}: expected one of {FULL_LISTS}'
        )
    text = (_DATA_DIR / f'{dataset}.txt').read_text(encoding='utf-8')
    return tuple(text.splitlines())


@cache
def read_subsets() -> dict[str, tuple[str, ...]]:
    """Read the subsets: names of each, in the order of its own labels.

    The order is that of the lists the authors published, not that of the
    dataset:

    - ``*_base``, ``*_novel``: halves of base-to-novel (ViFi-CLIP);
    - ``kinetics600_split1..3``: 160 classes each that K400 lacks (ER-ZSAR);
    - ``*_temporal*``, ``*_static*``: classes that need, or do not need,
      motion (TC-CLIP).
    """
    subsets = {}
    text = (_DATA_DIR / 'subsets.txt').read_text(encoding='utf-8')
    for line in text.splitlines():
        subset, _, labels = line.partition(':')
        names = read_full_list(subset.partition('_')[0])
        subsets[subset] = tuple(names[int(label)] for label in labels.split())
    return subsets
