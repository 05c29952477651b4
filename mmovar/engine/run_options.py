"""Options of a run: ``'{shots}'`` in a config is its top-level ``shots``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

OPTIONS = ('data_root', 'dataset', 'draw', 'names', 'shots', 'store')
"""What differs from run to run and is told once, at the top of a config."""

_FIELD = re.compile('{(' + '|'.join(OPTIONS) + ')}')


def fill_options(part: Any, config: Mapping[str, Any]) -> Any:
    """Fill the options of a config into a part of it.

    ``'{shots}'`` becomes ``config['shots']`` with its type, ``'{dataset}_fs'``
    a string. The loops of mmovar do so when they build their data sets, so
    an option may be set any time before: by ``--cfg-options shots=4`` of any
    launcher, or by ``config.merge_from_dict``.

    Args:
        part: Dicts and lists, in any depth; not modified.
        config: The whole config.

    Returns:
        The part with all options filled in.

    Raises:
        ValueError: If an option is given that the config has no use for, or
            one is used that it does not give.
    """
    used = set(_fields(part))
    if used:
        _check(used | set(_fields(dict(config))), config)
    return _fill(part, config)


def _check(used: set[str], config: Mapping[str, Any]) -> None:
    """Compare the options that a config uses with those that it gives."""
    given = {key for key in OPTIONS if config.get(key) is not None}
    if given - used:
        raise ValueError(
            f'{_name(config)} has no use for {sorted(given - used)}, of '
            f'these options only for {sorted(used)}'
        )
    absent = sorted(used - set(config))
    if absent:
        raise ValueError(f'{_name(config)} uses {absent}, which it lacks')


def _name(config: Mapping[str, Any]) -> str:
    return str(getattr(config, 'filename', None) or 'the config')


def _fields(part: Any) -> Iterator[str]:
    """Yield the options that a part of a config refers to."""
    if isinstance(part, str):
        yield from _FIELD.findall(part)
    elif isinstance(part, dict):
        for value in part.values():
            yield from _fields(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _fields(value)


def _fill(part: Any, config: Mapping[str, Any]) -> Any:
    if isinstance(part, str):
        whole = _FIELD.fullmatch(part)
        if whole:
            return config[whole[1]]
        return _FIELD.sub(lambda field: str(config[field[1]]), part)
    if isinstance(part, dict):
        filled = {key: _fill(value, config) for key, value in part.items()}
        return type(part)(filled)
    if isinstance(part, (list, tuple)):
        return type(part)(_fill(value, config) for value in part)
    return part
