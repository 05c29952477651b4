"""Refuse options of a config that nothing would read."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from mmovar.engine.run_options import OPTIONS
from mmovar.error_lines import did_you_mean, near

READ = frozenset(inspect.signature(Runner.__init__).parameters) - {
    *('self', 'cfg', 'launcher')
} | {
    # what Runner and MMEngine's hooks look up in the config
    *('activation_checkpointing', 'compile', 'efficient_conv_bn_eval'),
    *('find_unused_parameters', 'model_wrapper_cfg', 'runner_type'),
    *('sync_bn', 'tta_model', 'tta_pipeline'),
    *('custom_imports', 'watch'),
    *OPTIONS,
}
"""First keys that somebody reads when the file has been read."""

LOOKED_UP = {
    'custom_imports': ('imports', 'allow_failed_imports'),
    'env_cfg': ('cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'),
    'env_cfg.mp_cfg': ('mp_start_method', 'opencv_num_threads'),
    'env_cfg.dist_cfg': ('backend', 'init_backend', 'port', 'timeout'),
    'optim_wrapper.paramwise_cfg': (
        *('custom_keys', 'bias_lr_mult', 'bias_decay_mult', 'norm_decay_mult'),
        *('dwconv_decay_mult', 'dcn_offset_lr_mult', 'flat_decay_mult'),
        *('bypass_duplicate', 'layer_decay_rate', 'decay_rate', 'num_layers'),
        'decay_type',
    ),
}
"""Dicts that are no arguments, so that a typo is no error, to their keys."""

_WORDS_FOR_NUMBERS = ('loss_scale',)  # a number, or 'dynamic'


def check_options(config: Config, options: Mapping[str, Any]) -> None:
    """Check options before they are merged into a config.

    Args:
        config: As its file has it.
        options: Dotted keys to values.

    Raises:
        ValueError: If a key is malformed or nothing reads it, if it leads
            through what has no parts, or if a text takes the place of a
            number or of True and False.
    """
    for key, value in options.items():
        parts = key.split('.')
        if not all(part.strip() == part != '' for part in parts):
            raise ValueError(
                f'option {key!r} has an empty part; keys are a.b.c'
            )
        _check_first(config, parts, value)
        _check_looked_up(parts, value)
        _check_place(config, parts, value)
        for other in options:
            if key.startswith(f'{other}.'):
                raise ValueError(
                    f'options {other!r} and {key!r} set the same; give one'
                )


def check_kept(config: Config, options: Mapping[str, Any] | None) -> None:
    """Check that nothing has taken the place of an option since.

    Raises:
        ValueError: If an argument of the command line sets the same.
    """
    for key, value in (options or {}).items():
        found: Any = config
        for part in key.split('.'):
            try:
                found = found[int(part) if part.isdecimal() else part]
            except (KeyError, IndexError, TypeError):
                found = None
        if part != '_delete_' and not _same(found, value):
            raise ValueError(
                f'option {key}={value!r} has no effect: another argument of '
                f'this command makes it {found!r}'
            )


def _same(found: Any, value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(found, dict) and all(
            _same(found.get(key), part)
            for key, part in value.items()
            if key != '_delete_'
        )
    if isinstance(value, (list, tuple)):
        return isinstance(found, (list, tuple)) and list(found) == list(value)
    return found == value or found != found and value != value  # NaN


def _check_first(config: Config, parts: list[str], value: Any) -> None:
    """Refuse a first key that is read no more, or never was."""
    first, key = parts[0], '.'.join(parts)
    if first in READ or _is_inference(config, first):
        whole = isinstance(config.get(first), (dict, list))
        if (
            len(parts) == 1
            and whole
            and isinstance(value, (bool, int, float, str))
        ):
            raise ValueError(
                f'{key} is made of parts, {value!r} is none of them; set '
                f'{key}.PART'
            )
        return
    if first not in config:
        inside = {p.rpartition('.')[2]: p for p in _paths(config)}
        inside |= {name: name for name in READ}
        found = near(first, inside)
        hint = ' or '.join(inside[name] for name in found)
        hint = f'did you mean {hint}?' if hint else f'read are {_read(config)}'
        raise ValueError(f'nothing reads option {key!r}; {hint}')
    places = list(dict.fromkeys(_places(config, parts)))
    hint = f'set {", ".join(places)}' if places else 'it is used nowhere here'
    raise ValueError(
        f'option {key!r} has no effect: {first} is used only while the file '
        f'is read; {hint}'
    )


def _read(config: Config) -> str:
    return ', '.join(sorted(READ & {*config}))


def _is_inference(config: Config, first: str) -> bool:
    """Tell whether pictures and the demo read ``test_pipeline`` itself."""
    return first == 'test_pipeline' and not config.get('test_dataloader')


def _places(config: Config, parts: list[str]) -> Iterator[str]:
    """Yield the keys that what a variable holds was copied to."""
    value: Any = config
    for i, part in enumerate(parts):
        try:
            value = value[int(part) if part.isdecimal() else part]
        except (KeyError, IndexError, TypeError):
            return
        found = [
            '.'.join([place, *parts[i + 1 :]])
            for first in config
            if first in READ
            for place in _copies(part, value, config[first], first)
        ]
        if found:
            yield from found
            return


def _copies(name: str, value: Any, inside: Any, place: str) -> Iterator[str]:
    """Yield where a value is found, or a dict that extends it."""
    extends = (
        isinstance(value, dict)
        and isinstance(inside, dict)
        and bool(value)
        and all(inside.get(k, ...) == v for k, v in value.items())
    )
    telling = (
        isinstance(value, (str, dict, list, tuple))
        or name == (place.rpartition('.')[2])
    )
    if extends or (inside == value and telling):
        yield place
        return
    items: Any = ()
    if isinstance(inside, dict):
        items = inside.items()
    elif isinstance(inside, (list, tuple)):
        items = enumerate(inside)
    for key, part in items:
        yield from _copies(name, value, part, f'{place}.{key}')


def _paths(inside: Any, place: str = '') -> Iterator[str]:
    """Yield the dotted keys of what is read, those outside last."""
    for key, value in inside.items():
        if place or key in READ:
            if isinstance(value, dict):
                yield from _paths(value, f'{place}{key}.')
            yield f'{place}{key}'


def _check_looked_up(parts: list[str], value: Any) -> None:
    """Refuse a typo where MMEngine looks keys up and ignores others."""
    for parent, known in LOOKED_UP.items():
        depth = parent.count('.') + 1
        if '.'.join(parts[:depth]) != parent:
            continue
        names = parts[depth : depth + 1]
        if len(parts) == depth and isinstance(value, dict):
            names = list(value)
        for name in names:
            if name not in (*known, '_delete_'):
                raise ValueError(
                    f'nothing reads option {parent + "." + name!r}'
                    f'{did_you_mean(name, known)} ({parent} has '
                    f'{", ".join(known)})'
                )


def _check_place(config: Config, parts: list[str], value: Any) -> None:
    """Walk to the place of an option and look at what it replaces."""
    here: Any = config
    for i, part in enumerate(parts):
        name, key = '.'.join(parts[:i]), '.'.join(parts)
        if isinstance(here, (list, tuple)):
            if not part.isdecimal() or int(part) >= len(here):
                raise ValueError(
                    f'option {key!r}: {name} has {len(here)} elements, there '
                    f'is no {part!r} (they count from 0)'
                )
            here = here[int(part)]
        elif i and not isinstance(here, dict):
            raise ValueError(
                f'option {key!r}: {name} is {here!r}, which has no '
                f'{".".join(parts[i:])!r}'
            )
        elif part not in here:
            return
        else:
            here = here[part]
    if parts[-1] in _WORDS_FOR_NUMBERS or value is None:
        return
    if isinstance(here, bool) and not isinstance(value, bool):
        raise ValueError(f'{key} must be True or False, but is {value!r}')
    number = isinstance(here, (int, float)) and not isinstance(here, bool)
    if number and isinstance(value, (str, bool)):
        raise ValueError(f'{key} must be a number, but is {value!r}')
