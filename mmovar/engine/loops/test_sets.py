"""Test sets by name: sources, changes of a template, cells of protocols."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmovar.benchmark import SETUPS, Cell, Protocol, find_cells
from mmovar.datasets.sources import SOURCES, resolve_source

from ..run_options import fill_options

Sets = Mapping[str, Mapping[str, Any]] | Iterable[str]
Cells = dict[str, tuple[Protocol, Cell]]


def set_configs(
    template: Mapping[str, Any], sets: Sets | None, cells: Cells | None = None
) -> dict[str, dict[str, Any]]:
    """Return the dataset config of each test set.

    Args:
        template: What the sets share: pipeline, class names' origin, root.
        sets: Names of sources, or names of the caller's choice to what they
            change in the template. None: the template alone, under the name
            of its source (else ``'test'``).
        cells: Cells to test in place of ``sets``. A cell takes its data from
            the set of that name, else from the source.

    Returns:
        Name to config.

    Raises:
        ValueError: If there is no set, or a cell's data have no source.
    """
    if sets is None:
        name = template.get('source')
        sets = {name if isinstance(name, str) else 'test': {}}
    if not isinstance(sets, Mapping):
        sets = {name: dict(source=name) for name in sets}
    if cells:
        own = template.get('names') == 'llm' or template.get('classnames')
        sets = {
            name: _changes(cell, sets, bool(own))
            for name, (_, cell) in cells.items()
        }
    if not sets:
        raise ValueError('there is no test set: `sets` is empty')
    return {
        name: resolve_source({**template, **changes})
        for name, changes in sets.items()
    }


def datasets_of(config: Config) -> dict[str, dict[str, Any]]:
    """Return the dataset config of each test set that a config names.

    Args:
        config: With ``test_dataloader``, and ``test_cfg`` of
            ``BenchmarkTestLoop`` (or of any other loop: one set).
    """
    names = ('sets', 'cells', 'setup')
    given = config.get('test_cfg') or {}
    template, sets, cells, setup = fill_options(
        [config.test_dataloader['dataset'], *map(given.get, names)], config
    )
    found = cells_of(cells, setup, config.filename) if cells else None
    return set_configs(template, sets, found)


def _changes(
    cell: Cell, sets: Mapping[str, Mapping[str, Any]], own_names: bool
) -> dict[str, Any]:
    """Return what a cell changes in the template."""
    if cell.data not in {*sets, *SOURCES}:
        raise ValueError(
            f'cell {cell.name} needs {cell.data!r}, which is neither a source '
            f'nor a test set of the config: {sorted(sets)}'
        )
    changes = dict(sets.get(cell.data, dict(source=cell.data)))
    if cell.vocabulary is not None and not own_names:
        changes['classnames'] = cell.vocabulary
    return changes


def cells_of(
    patterns: Iterable[str], setup: str | None, path: str | Path | None
) -> Cells:
    """Find cells by globs over their names.

    Args:
        patterns: Such as ``'ucf101/ep3/*'``.
        setup: How they are declared, a key of ``SETUPS``; None: by the
            folder of the config file.
        path: The config file.

    Returns:
        Name of a cell to its protocol and the cell.

    Raises:
        ValueError: If a pattern fits no cell, or classification and
            retrieval are asked for together.
    """
    setup = setup or setup_of(path or '')
    found = {cell.name: (p, cell) for p, cell in find_cells(patterns, setup)}
    captions = [n for n, (_, c) in found.items() if c.metric.startswith('R@')]
    if captions and len(captions) < len(found):
        raise ValueError(
            f'{captions} take captions for class names; test them apart '
            f'from {sorted(set(found) - set(captions))}'
        )
    return found


def setup_of(path: str | Path) -> str:
    """Tell the setup of a config by the folder it lies in.

    Args:
        path: ``configs/tc_clip/k400_zs.py`` gives ``'tc_clip'``.

    Returns:
        A key of :data:`mmovar.benchmark.SETUPS`.

    Raises:
        ValueError: If no folder above it is named as a setup.
    """
    for folder in Path(path).resolve().parents:
        if folder.name in SETUPS:
            return folder.name
    raise ValueError(
        f'cannot tell the setup of {str(path)!r}; give --setup (or '
        f'test_cfg.setup), one of {list(SETUPS)}'
    )
