"""Every config of the tree trains on a batch and is tested on its sets."""

from functools import cache

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from tiny_config import CONFIGS, load_tiny_config

from mmovar.apis import build_runner, load_config

LEAVES = sorted(
    path.relative_to(CONFIGS)
    for path in CONFIGS.rglob('*.py')
    if '_base_' not in path.parts
)
# Each module that a config can name is run by one of these. The others put
# the same modules together with other numbers and lists, and are slow.
FAST = (
    '*/k400_zs.py',
    'tc_clip/ucf101_zs.py',
    'tc_clip/k400_full.py',
    'tc_clip/hmdb51_fs.py',
    'open_mede/ucf101_b2n.py',
    'open_mede/ucf101_scuba.py',
    'open_mede/ucf101_hat.py',
    'vifi_clip/ucf101_b2n_prompt.py',
    'vifi_clip/msrvtt_9k.py',
    'learners/*_plain.py',
    'mini/open_mede.py',
    'mini/ablations/l2.py',
    'mini/ablations/meta_unseen.py',
    'mini/ablations/rfd.py',
    'open_mede/ablations/open_mede_prediction_ensemble.py',
    'open_mede/ablations/similar_classes.py',
    'tc_clip/ablations/late_fusion.py',
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
        pytest.param(leaf, marks=() if is_fast(leaf) else pytest.mark.slow)
        for leaf in LEAVES
    ],
    ids=str,
)
def config(request, tmp_path):
    return load_tiny_config(CONFIGS / request.param, tmp_path)


def test_config_trains_and_tests(config, monkeypatch):
    # laying out a config for the log takes longer than all else here
    monkeypatch.setattr(Config, 'pretty_text', property(str))
    runner = build_runner(config)
    if runner.train_loop is not None:
        runner.register_hook(StopAfterOneEpoch())
        runner.train()
        assert runner.iter == 1
    metrics = runner.test()
    main = [m for m in metrics if m.endswith(('acc/top1', 'retrieval/R@1'))]
    assert len(main) == len(config.test_dataloader)


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
        config = load_config(CONFIGS / leaf).to_dict()
        config.pop('catalog', None)
        found[leaf] = set(types_of(config))
    return found


def test_fast_leaves_run_every_module():
    fast = set().union(*(t for leaf, t in modules().items() if is_fast(leaf)))
    for leaf, types in modules().items():
        assert types <= fast, (leaf, types - fast)
