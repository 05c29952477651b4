"""Say which weights of a file do not fit a model."""

import re
from collections.abc import Collection, Iterable, Mapping

from torch import Tensor

_SHOWN = 6


def shapes_of(state_dict: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Return shape by name."""
    return {name: tuple(value.shape) for name, value in state_dict.items()}


def misfits(
    found: Mapping[str, tuple[int, ...]],
    expected: Mapping[str, tuple[int, ...]],
) -> tuple[list[str], list[str], list[str]]:
    """Compare shapes by name.

    Returns:
        Names that are missing, names that are unexpected, and both shapes of
        what has another one.
    """
    return (
        sorted(set(expected) - set(found)),
        sorted(set(found) - set(expected)),
        [
            f'{name} {found[name]} instead of {expected[name]}'
            for name in sorted(set(found) & set(expected))
            if found[name] != expected[name]
        ],
    )


def describe_misfits(
    missing_keys: Collection[str],
    unexpected_keys: Collection[str],
    misshaped: Collection[str],
) -> str:
    """Count and name what does not fit; empty if all does."""
    kinds = {
        'missing': missing_keys,
        'unexpected': unexpected_keys,
        'of another shape': misshaped,
    }
    return '; '.join(f'{name_some(n)} {k}' for k, n in kinds.items() if n)


def name_some(names: Iterable[str]) -> str:
    """Count and name weights, layers that are alike once."""
    kinds: dict[str, int] = {}
    for name in names:
        kind = re.sub(r'\.\d+\.', '.*.', name)
        kinds[kind] = kinds.get(kind, 0) + 1
    shown = [f'{n} x {k}' if n > 1 else k for k, n in kinds.items()]
    more = f' and {len(shown) - _SHOWN} more' if len(shown) > _SHOWN else ''
    return f'{sum(kinds.values())} ({", ".join(shown[:_SHOWN])}{more})'
