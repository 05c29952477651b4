"""Turn the cells of a protocol into test sets of a config."""

import copy
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmovar.evaluation import (
    SETUPS,
    Cell,
    Protocol,
    find_cells,
    sha256_of,
)

_CROPS = {'ThreeCrop': 3, 'TenCrop': 10}
_AGGREGATION = {'score': 'logits', 'prob': 'probabilities'}


def setup_of(path: str | Path) -> str:
    """Tell the setup of a config by the folder it lies in.

    Args:
        path: ``configs/tc_clip/k400_zs.py`` gives ``'tc_clip'``.

    Returns:
        A key of :data:`mmovar.evaluation.SETUPS`.

    Raises:
        ValueError: If no folder above it is named as a setup.
    """
    for folder in Path(path).resolve().parents:
        if folder.name in SETUPS:
            return folder.name
    raise ValueError(
        f'cannot tell the setup of {path}; give --setup, one of {list(SETUPS)}'
    )


def use_cells(
    config: Config, patterns: Iterable[str], setup: str
) -> dict[str, tuple[Protocol, Cell]]:
    """Make cells the test sets of a config.

    A cell takes list and videos from the catalog, or from the test set of
    the config that bears the catalog's name; pipeline, batch size and workers
    from the config's first test set. Class names are those of the cell,
    unless that test set reads them from a file (rephrased names).

    Args:
        config: Its ``test_dataloader`` is replaced.
        patterns: Globs over the names of cells.
        setup: How the cells are declared, a key of ``SETUPS``.

    Returns:
        Name of a test set (of the cell) to its protocol and cell.

    Raises:
        ValueError: If no cell fits, a cell's data are not in the catalog, or
            retrieval is asked for together with classification.
    """
    found = {cell.name: (p, cell) for p, cell in find_cells(patterns, setup)}
    given = {loader['name']: loader for loader in config.test_dataloader}
    template = config.test_dataloader[0]
    config.test_dataloader = [
        _loader(cell, config.get('catalog', {}), given, template)
        for _, cell in found.values()
    ]
    config.test_cfg = dict(config.get('test_cfg') or {})
    config.test_cfg['type'] = 'BenchmarkTestLoop'
    captions = [n for n, (_, c) in found.items() if c.metric.startswith('R@')]
    if captions:
        if len(captions) < len(found):
            raise ValueError(
                f'{captions} take captions for class names; test them apart '
                f'from {sorted(set(found) - set(captions))}'
            )
        _use_captions(config)
    return found


def _use_captions(config: Config) -> None:
    """Take captions as they are, and scores that compare between videos."""
    config.test_evaluator = dict(type='CaptionRetrievalMetric')
    head = config.model.cls_head
    head.average_clips = 'score'
    if head.type == 'TextHead':
        head.templates = 'bare'


def _loader(
    cell: Cell,
    catalog: Mapping[str, Any],
    given: Mapping[str, Any],
    template: Mapping[str, Any],
) -> dict[str, Any]:
    """Build the dataloader config of a cell."""
    if cell.name in given:  # the cells of the config itself
        return given[cell.name]
    if cell.data in given:
        loader = copy.deepcopy(dict(given[cell.data], name=cell.name))
    elif cell.data in catalog:
        dataset = dict(
            type='OpenVocabularyDataset',
            pipeline=template['dataset']['pipeline'],
            test_mode=True,
        )
        loader = copy.deepcopy(dict(template, name=cell.name))
        loader['dataset'] = {**dataset, **copy.deepcopy(catalog[cell.data])}
    else:
        raise ValueError(
            f'cell {cell.name} needs {cell.data!r}, which is neither in the '
            f'catalog nor a test set of the config: {sorted(given)}'
        )
    dataset = loader['dataset']
    from_file = '.' in str(dataset.get('classnames', ''))
    if cell.vocabulary is not None and not from_file:
        dataset['classnames'] = cell.vocabulary
    return loader


def record_hook(
    config: Config,
    cells: Mapping[str, tuple[Protocol, Cell]],
    folder: str | Path,
    method: str,
    path: str | Path,
    selection: str = '',
) -> dict[str, Any]:
    """Build the config of the hook that writes the records.

    Args:
        config: As it is tested, checkpoint in ``load_from``.
        cells: What :func:`use_cells` returned.
        folder: Where records go.
        method: Row of the tables.
        path: The config file.
        selection: Which checkpoint it is, in words.

    Returns:
        Config of a ``RecordHook``.
    """
    checkpoint = config.get('load_from')
    return dict(
        type='RecordHook',
        folder=str(folder),
        cells={
            name: dict(
                cell=name,
                protocol=protocol.name,
                version=protocol.version,
                declared=cell.to_dict(),
                views=views_of(config, name),
            )
            for name, (protocol, cell) in cells.items()
        },
        fields=dict(
            method=method,
            selection=selection,
            config=str(path),
            config_sha256=_hash(config),
            checkpoint=checkpoint and str(checkpoint),
            checkpoint_sha256=checkpoint and sha256_of(checkpoint),
            versions=_versions(),
        ),
    )


def views_of(config: Config, name: str) -> dict[str, Any]:
    """Read from a config how a test set is shown to the model.

    Args:
        config: Of a test.
        name: Of the test set.

    Returns:
        Values under the names of ``Setup``'s fields, as far as the config
        tells, and ``classnames``.
    """
    dataset = next(
        loader['dataset']
        for loader in config.test_dataloader
        if loader['name'] == name
    )
    views: dict[str, Any] = dict(clips=1, crops=1, **_ensemble(config))
    for step in dataset['pipeline']:
        views['crops'] *= _CROPS.get(step['type'], 1)
        frames = step.get('num_frames', step.get('clip_len'))
        if frames is not None and 'clips' in views:
            views['frames'] = int(frames)
            views['clips'] = int(step.get('num_clips', 1))
    head = config.model.get('cls_head', {})
    kind = head.get('average_clips', 'score')
    views['aggregation'] = _AGGREGATION.get(kind, str(kind))
    names = dataset.get('classnames')
    views['classnames'] = (
        names if isinstance(names, str) else f'{len(names or ())} given names'
    )
    return views


def _ensemble(config: Config) -> dict[str, Any]:
    """Read what is mixed with CLIP."""
    if config.model.get('type') == 'CLIPEnsemble':
        return dict(
            ensemble='logits', clip_share=config.model.get('ratio', 0.5)
        )
    for hook in config.get('custom_hooks', []):
        if hook['type'] == 'WeightPatchHook' and config.get('load_from'):
            tuned = hook.get('alpha', hook.get('wise_ft'))
            share = hook['open_vclip_ratio'] if tuned is None else 1 - tuned
            return dict(ensemble='weights', clip_share=round(share, 6))
    return dict(ensemble='none', clip_share=0.0)


def _hash(config: Config) -> str:
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
