"""Every config of the tree trains on a batch and is tested on its sets."""

from functools import cache

import pytest
from mmengine.hooks import Hook

from helpers.optimizer_settings import check_settings
from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import build_runner, load_config
from mmovar.engine.loops.test_sets import datasets_of

# Each module that a config can name is run by one of these. The others put
# the same modules together with other numbers and lists, and are slow.
FAST = (
    '*/k400_zs.py',
    'tc_clip/k400_full.py',
    'tc_clip/fs.py',
    'open_mede/b2n.py',
    'open_mede/ucf101_scuba.py',
    'open_mede/ucf101_hat.py',
    'vifi_clip/b2n_prompt.py',
    'vifi_clip/msrvtt_9k.py',
    'learners/*_plain.py',
    'mini/open_mede.py',
    'mini/ablations/l2.py',
    'mini/ablations/meta_unseen.py',
    'mini/ablations/rfd.py',
    'open_mede/ablations/similar_classes.py',
    'open_mede/ablations/uniform_frames.py',
    'tc_clip/ablations/late_fusion.py',
)
_TC = 'tc_clip/ablations/tc.py'
_BACKBONE, _HEAD = 'model.backbone.', 'model.cls_head.'
# Rows of tables that are options of a config, as the config's comment says.
ROWS = [
    *((_TC, {_BACKBONE + 'num_context': n}) for n in (16, 256)),
    *((_TC, {_BACKBONE + 'seed_ratio': r}) for r in (0.2, 0.6)),
    *(
        (_TC, {_BACKBONE + 'selection': name})
        for name in ('key_norm', 'headwise_key_norm', 'headwise_cls_attention')
    ),
    (_TC, {_BACKBONE + 'selection': 'none', _BACKBONE + 'seed_ratio': 1}),
    *(
        (_TC, {_BACKBONE + 'aggregation': name})
        for name in (
            *('dpc_knn', 'k_means', 'k_medoids'),
            *('random', 'temporal_tube'),
        )
    ),
    (
        _TC,
        {_BACKBONE + 'aggregation': 'none', _BACKBONE + 'num_context': None},
    ),
    (_TC, {_BACKBONE + 'joint_frames': 16}),
    (_TC, {_BACKBONE + 'local_global_bias': False}),
    ('tc_clip/fs.py', {_HEAD + 'n_ctx': 8}),
    ('tc_clip/fs.py', {_HEAD + 'prompting_init': 'random'}),
    *(('tc_clip/fs.py', {_BACKBONE + 'tokens': t}) for t in ('cls', 'gap')),
    (
        'tc_clip/fs.py',
        {_BACKBONE + 'token_layers': [12], _HEAD + 'layers': [6]},
    ),
    ('tc_clip/fs.py', {'dataset': 'ssv2', 'shots': 2, 'names': None}),
    ('tc_clip/b2n.py', {'dataset': 'k400', 'draw': 3, 'names': 'llm'}),
    ('vifi_clip/fs_prompt.py', {'dataset': 'ucf101'}),
    ('open_vclip/k400_zs.py', {'model.arch': 'ViT-B-32-quickgelu'}),
    ('open_mede/k400_zs.py', {'optim_wrapper.delta': 0.5}),
    ('open_mede/k400_zs.py', {'train_dataloader.batch_size': 8}),
    ('open_mede/ablations/plain.py', {'train_cfg.total_batch_size': 128}),
    ('tc_clip/k400_zs.py', {'test_cfg.cells': ['ucf101/scuba/*', 'k600/*']}),
]
_FAST_ROW = (
    'open_mede/k400_zs.py',
    {'model.type': 'CLIPEnsemble', 'model.ratio': 0.5},
)
LEAVES = sorted(
    path.relative_to(CONFIGS)
    for path in CONFIGS.rglob('*.py')
    if '_base_' not in path.parts
)


def is_fast(leaf):
    """Tell whether a leaf is run in every test session."""
    return any(
        leaf.match(pattern) and len(leaf.parts) == pattern.count('/') + 1
        for pattern in FAST
    )


class StopAfterOneEpoch(Hook):
    """End a training whose schedule goes on."""

    def after_train_epoch(self, runner):
        runner.train_loop.stop_training = True


@pytest.fixture(
    params=[
        pytest.param(
            (leaf, {}), marks=() if is_fast(leaf) else pytest.mark.slow
        )
        for leaf in LEAVES
    ]
    + [
        _FAST_ROW,
        *(pytest.param(row, marks=pytest.mark.slow) for row in ROWS),
    ],
    ids=lambda row: ' '.join([str(row[0]), *map(str, row[1].items())]),
)
def config(request, tmp_path):
    path, options = request.param
    return load_tiny_config(CONFIGS / path, tmp_path, **options)


def test_config_trains_and_tests(config):
    runner = build_runner(config)
    if runner.train_loop is not None:
        runner.register_hook(StopAfterOneEpoch())
        runner.train()
        assert runner.iter == 1
        check_settings(runner.model, config.optim_wrapper)
    metrics = runner.test()
    main = [m for m in metrics if m.endswith(('acc/top1', 'retrieval/R@1'))]
    assert len(main) == len(datasets_of(config))


def types_of(part):
    """Name all modules of a config."""
    if isinstance(part, dict):
        if isinstance(part.get('type'), str):
            yield part['type']
        part = part.values()
    elif not isinstance(part, (list, tuple)):
        return
    for inner in part:
        yield from types_of(inner)


@cache
def modules():
    """Modules of each leaf, data that it does not use left out."""
    found = {}
    for leaf in LEAVES:
        found[leaf] = set(types_of(load_config(CONFIGS / leaf).to_dict()))
    return found


def test_fast_leaves_run_every_module():
    fast = set().union(*(t for leaf, t in modules().items() if is_fast(leaf)))
    for leaf, types in modules().items():
        assert types <= fast, (leaf, types - fast)
