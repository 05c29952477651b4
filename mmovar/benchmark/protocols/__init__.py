"""The protocols of the papers, each a function of a setup."""

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from ..cell import Cell
from ..protocol import Protocol
from ..setups import Setup, get_setup
from .base_to_novel import base_to_novel
from .closed_set import k400_full, k400_tiny, k400_val, temporal
from .few_shot import few_shot
from .mini import DEVELOPMENT_SEEDS, mini
from .out_of_context import (
    hmdb_scuba,
    k400_hat,
    k400_scuba,
    ucf_hat,
    ucf_ooc,
    ucf_scuba,
)
from .retrieval import msrvtt
from .zero_shot import ep1, ep2, ep3, k600_test, k600_val, zero_shot

PROTOCOLS: dict[str, Callable[..., Protocol]] = {
    'ep1': ep1,
    'ep2': ep2,
    'ep3': ep3,
    'k600-val': k600_val,
    'k600-test': k600_test,
    'zero-shot': zero_shot,
    'b2n': base_to_novel,
    'few-shot': few_shot,
    'k400-full': k400_full,
    'k400-closed': k400_val,
    'k400-tiny': k400_tiny,
    'ucf-ooc': ucf_ooc,
    'ucf-scuba': ucf_scuba,
    'hmdb-scuba': hmdb_scuba,
    'k400-scuba': k400_scuba,
    'ucf-hat': ucf_hat,
    'k400-hat': k400_hat,
    'temporal': temporal,
    'msrvtt': msrvtt,
    'mini': mini,
}
"""Name of a protocol to what builds it."""


def build_protocol(
    name: str, setup: str | Setup, seeds: Sequence[int] | None = None
) -> Protocol:
    """Build a protocol for a setup.

    Args:
        name: A key of :data:`PROTOCOLS`.
        setup: A key of ``SETUPS`` or a setup.
        seeds: Only these, of ``mini``; None for all.

    Returns:
        The protocol.

    Raises:
        KeyError: If a name is unknown.
        ValueError: If the protocol has no seeds to choose, or not these.
    """
    if name not in PROTOCOLS:
        raise KeyError(f'protocol {name!r} is none of {list(PROTOCOLS)}')
    if seeds is None:
        return PROTOCOLS[name](get_setup(setup))
    if name != 'mini':
        raise ValueError(
            f"protocol {name!r} has no seeds to choose from; only 'mini' has"
        )
    return mini(get_setup(setup), seeds)


def find_cells(
    patterns: Iterable[str], setup: str | Setup
) -> list[tuple[Protocol, Cell]]:
    """Find cells of all protocols by globs over their names.

    Args:
        patterns: ``'ucf101/ep3/*'``.
        setup: As for :func:`build_protocol`.

    Returns:
        Protocol and cell, in the order of the patterns; a cell that several
        protocols share comes once, with the first of them.

    Raises:
        ValueError: If a pattern fits no cell.
    """
    known: dict[str, tuple[Protocol, Cell]] = {}
    protocols = [build_protocol(name, setup) for name in PROTOCOLS]
    protocols.append(build_protocol('mini', setup, DEVELOPMENT_SEEDS))
    for protocol in protocols:
        for cell in protocol.cells:
            known.setdefault(cell.name, (protocol, cell))
    found: dict[str, tuple[Protocol, Cell]] = {}
    for pattern in patterns:
        names = [name for name in known if fnmatchcase(name, pattern)]
        if not names:
            groups = sorted({n.rpartition('/')[0] or n for n in known})
            raise ValueError(
                f'no cell is named {pattern!r}; there are {groups}'
            )
        found.update({name: known[name] for name in names})
    return list(found.values())


__all__ = ['PROTOCOLS', 'build_protocol', 'find_cells']
