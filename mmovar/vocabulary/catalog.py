"""Every class list that can be named: datasets, subsets, draws, spellings."""

import difflib
from functools import cache

from .builtin import FULL_LISTS, read_full_list, read_subsets
from .ep1 import EP1_DATASETS, EP1_TRIALS, ep1_draws
from .legacy import HMDB51_LEGACY_LISTS, hmdb51_legacy_names
from .spelling import SPELLINGS, spell

_EP1 = {
    f'{dataset}_ep1_{trial}': (dataset, trial)
    for dataset in EP1_DATASETS
    for trial in range(EP1_TRIALS)
}


@cache
def builtin_vocabularies() -> tuple[str, ...]:
    """Name the class lists that come with the package."""
    return (*FULL_LISTS, *read_subsets(), *_EP1, *HMDB51_LEGACY_LISTS)


def is_builtin(name: str) -> bool:
    """Return whether ``name``, without its spelling, is a built-in list."""
    return name.partition(':')[0] in builtin_vocabularies()


def builtin_classnames(name: str) -> tuple[str, ...]:
    """Return the class names of a built-in list, label 0 first.

    Args:
        name: One of :func:`builtin_vocabularies`; a colon and a key of
            :data:`SPELLINGS` may follow, as in 'ucf101:camel'.

    Raises:
        ValueError: If there is no such list or spelling.
    """
    key, _, style = name.partition(':')
    if key not in builtin_vocabularies():
        raise ValueError(f'no class list {key!r}: {describe_builtin(key)}')
    if key in FULL_LISTS:
        names = read_full_list(key)
    elif key in _EP1:
        dataset, trial = _EP1[key]
        names = ep1_draws(dataset)[trial]
    elif key in HMDB51_LEGACY_LISTS:
        names = hmdb51_legacy_names(HMDB51_LEGACY_LISTS[key])
    else:
        names = read_subsets()[key]
    return spell(names, style) if style else names


def describe_builtin(name: str = '') -> str:
    """Say in one sentence which lists there are, the closest first."""
    listed = [key for key in builtin_vocabularies() if key not in _EP1]
    listed += [
        f'{dataset}_ep1_0..{EP1_TRIALS - 1}' for dataset in EP1_DATASETS
    ]
    close = difflib.get_close_matches(name, builtin_vocabularies())
    hint = f'did you mean {" or ".join(map(repr, close))}? ' if close else ''
    return (
        f'{hint}Built in are {", ".join(listed)}; a spelling may follow '
        f'({", ".join(f":{style}" for style in SPELLINGS)})'
    )
