"""Spellings of class names: 'Apply Eye Makeup', 'ApplyEyeMakeup', ..."""

import re
from collections.abc import Callable, Sequence
from functools import cache

_WORD = re.compile(r'[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^A-Z\s_]+|[A-Z]+')
# Open-VCLIP and FROSTER write one word where UCF101's folder has two.
_CAMEL_EXCEPTIONS = {'Yoyo': 'YoYo'}
_SPACED_EXCEPTIONS = {camel: word for word, camel in _CAMEL_EXCEPTIONS.items()}


@cache
def class_key(name: str) -> str:
    """Reduce all spellings of a class name to one key.

    Of a rephrased name ('Archery: A person ...') the part before the colon
    counts.

    Example:
        >>> class_key('Apply Eye Makeup') == class_key('ApplyEyeMakeup')
        True
        >>> class_key('petting animal (not cat)')
        'pettinganimalnotcat'
    """
    return re.sub(r'[^a-z0-9]', '', name.partition(':')[0].lower())


def camel_case(name: str) -> str:
    """Spell a name as UCF101's folders, X-CLIP and ViFi-CLIP do.

    Example:
        >>> camel_case('Apply Eye Makeup'), camel_case('Yoyo')
        ('ApplyEyeMakeup', 'YoYo')
    """
    words = spaced(name).split(' ')
    joined = ''.join(word[:1].upper() + word[1:] for word in words)
    return _CAMEL_EXCEPTIONS.get(joined, joined)


def spaced(name: str) -> str:
    """Spell a name as words, as Open-VCLIP and FROSTER do.

    Example:
        >>> spaced('ApplyEyeMakeup'), spaced('YoYo'), spaced('brush_hair')
        ('Apply Eye Makeup', 'Yoyo', 'brush hair')
    """
    if name in _SPACED_EXCEPTIONS:
        return _SPACED_EXCEPTIONS[name]
    if re.search(r'[\s_]', name):
        return ' '.join(name.replace('_', ' ').split())
    return ' '.join(_WORD.findall(name))


def snake_case(name: str) -> str:
    """Spell a name as HMDB51's and Open-VCLIP's K600 folders do.

    Example:
        >>> snake_case('brush hair'), snake_case('ApplyEyeMakeup')
        ('brush_hair', 'apply_eye_makeup')
    """
    return spaced(name).lower().replace(' ', '_')


def lower_case(name: str) -> str:
    """Spell a name as words in lower case."""
    return spaced(name).lower()


SPELLINGS: dict[str, Callable[[str], str]] = {
    'camel': camel_case,
    'lower': lower_case,
    'snake': snake_case,
    'spaced': spaced,
}
"""Spelling styles by name."""


def spell(classnames: Sequence[str], style: str) -> tuple[str, ...]:
    """Spell class names in a style, the order stays.

    Args:
        classnames: Names in any style.
        style: Key of :data:`SPELLINGS`.

    Raises:
        ValueError: If the style is unknown.
    """
    if style not in SPELLINGS:
        raise ValueError(
            f'unknown spelling {style!r}: expected one of {sorted(SPELLINGS)}'
        )
    return tuple(SPELLINGS[style](name) for name in classnames)


def as_is(name: str) -> str:
    """Leave a name as the data set spells it (``ApplyEyeMakeup``)."""
    return name


def underscores_to_spaces(name: str) -> str:
    """Write ``brush_hair`` as ``brush hair``, as ViFi-CLIP's prompting."""
    return name.replace('_', ' ')


def split_camel_case(name: str) -> str:
    """Write ``ApplyEyeMakeup`` as ``Apply Eye Makeup``, and ``_`` as space.

    Source: TC-CLIP's released code, for all data sets.
    """
    return underscores_to_spaces(re.sub('([A-Z])', r' \1', name).strip())


CLASSNAME_STYLES: dict[str, Callable[[str], str]] = {
    'as_is': as_is,
    'underscores_to_spaces': underscores_to_spaces,
    'split_camel_case': split_camel_case,
}
"""How a text head writes a name in a prompt, by style."""
