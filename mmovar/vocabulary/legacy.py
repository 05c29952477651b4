"""HMDB51 names in the wrong order that published numbers stand on."""

from .builtin import read_full_list, read_subsets

HMDB51_LEGACY_LISTS = {
    'hmdb51_legacy_names': 'all',
    'hmdb51_base_legacy_names': 'base',
    'hmdb51_novel_legacy_names': 'novel',
}
"""Built-in names of these lists, and the part of each."""

_SWAPPED = (('kick', 'kick ball'), ('sword', 'sword exercise'))


def hmdb51_legacy_names(part: str = 'all') -> tuple[str, ...]:
    """Return HMDB51 names as the label csv of X-CLIP has them.

    There, and in its copies in ViFi-CLIP and TC-CLIP, 'kick' and 'kick ball'
    (labels 20, 21) as well as 'sword' and 'sword exercise' (44, 45) stand in
    each other's row, while the lists of videos keep the right labels: 120 of
    1530 test videos are scored against the name of another class. Use this
    only to reproduce those numbers.

    Args:
        part: 'all', 'base' or 'novel'.

    Raises:
        ValueError: If ``part`` is none of these.
    """
    if part not in ('all', 'base', 'novel'):
        raise ValueError(
            f"unknown part {part!r}: expected 'all', 'base' or 'novel'"
        )
    names = list(
        read_full_list('hmdb51')
        if part == 'all'
        else read_subsets()[f'hmdb51_{part}']
    )
    for first, second in _SWAPPED:
        if first in names:
            i, j = names.index(first), names.index(second)
            names[i], names[j] = second, first
    return tuple(names)


def is_legacy(source: object) -> bool:
    """Return whether class names were asked for in the wrong order.

    Args:
        source: What :func:`read_classnames` takes; only a built-in name
            counts, not a file with the same content.
    """
    return (
        isinstance(source, str)
        and source.partition(':')[0] in HMDB51_LEGACY_LISTS
    )
