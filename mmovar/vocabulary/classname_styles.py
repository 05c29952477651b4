"""Ways to write a class name in a prompt."""

import re
from collections.abc import Callable


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
