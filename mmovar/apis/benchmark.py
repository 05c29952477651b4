"""Turn the cells of a protocol into test sets of a config."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmovar.benchmark import sha256_of
from mmovar.engine.loops.test_sets import Cells, cells_of
from mmovar.engine.run_options import fill_options


def use_cells(
    config: Config, patterns: Iterable[str], setup: str | None = None
) -> Cells:
    """Make cells the test sets of a config.

    Args:
        config: Its ``test_cfg`` is changed, and for captions the metric.
        patterns: Globs over the names of cells.
        setup: How the cells are declared, a key of ``SETUPS``; None: by the
            folder of the config.

    Returns:
        Name of a cell to its protocol and the cell.

    Raises:
        ValueError: If no cell fits, or retrieval is asked for together with
            classification.
    """
    patterns = fill_options(list(patterns), config)
    cells = cells_of(patterns, setup, config.filename)
    config.test_cfg = dict(
        config.get('test_cfg') or {},
        type='BenchmarkTestLoop',
        cells=[*cells],
        setup=setup,
    )
    if any(cell.metric.startswith('R@') for _, cell in cells.values()):
        _use_captions(config)
    return cells


def _use_captions(config: Config) -> None:
    """Take captions as they are, and scores that compare between videos."""
    config.test_evaluator = dict(type='CaptionRetrievalMetric')
    head = config.model.cls_head
    head.average_clips = 'score'
    if head.type == 'TextHead':
        head.templates = 'bare'


def record_hook(
    config: Config,
    folder: str | Path,
    method: str,
    selection: str = '',
    sha256: str | None = None,
) -> dict[str, Any]:
    """Build the config of the hook that writes records of cells.

    Args:
        config: As it is tested, checkpoint in ``load_from``.
        folder: Where records go.
        method: Row of the tables.
        selection: Which checkpoint it is, in words.
        sha256: Of the config before cells and checkpoint were set, see
            :func:`config_sha256`; None: as it is now.

    Returns:
        Config of a ``RecordHook``.
    """
    checkpoint = config.get('load_from')
    return dict(
        type='RecordHook',
        folder=str(folder),
        fields=dict(
            method=method,
            selection=selection,
            config=str(config.filename),
            config_sha256=sha256 or config_sha256(config),
            checkpoint=checkpoint and str(checkpoint),
            checkpoint_sha256=checkpoint and sha256_of(checkpoint),
            versions=_versions(),
        ),
    )


def config_sha256(config: Config) -> str:
    """Hash what a config says: the same for the same file and options."""
    text = json.dumps(config.to_dict(), sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import version

    import mmovar

    names = ('mmaction2', 'mmengine', 'torch', 'numpy', 'decord')
    return dict(
        mmovar=mmovar.__version__,
        python=platform.python_version(),
        **{name: version(name) for name in names},
    )
