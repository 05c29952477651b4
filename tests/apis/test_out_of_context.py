"""SCUBA and HAT from frame folders to the numbers of a table."""

import pytest

from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import build_runner
from mmovar.apis.benchmark import record_hook
from mmovar.benchmark import Results, find_cells, read_records


def results_of(leaf, patterns, tmp_path):
    """Test cells of a leaf; return its results and protocol by cell."""
    config = load_tiny_config(CONFIGS / 'open_mede' / leaf, tmp_path)
    found = {c.name: (p, c) for p, c in find_cells(patterns, 'open_mede')}
    config.test_cfg.cells = patterns
    config.test_cfg.setup = 'open_mede'
    hook = record_hook(config, tmp_path / 'records', 'ours')
    config.custom_hooks = [*config.custom_hooks, hook]
    metrics = build_runner(config).test()
    records = read_records([tmp_path / 'records'])
    return metrics, Results(records), {n: p for n, (p, _) in found.items()}


def column(protocol, name):
    return next(c for c in protocol.columns if c.dataset == name)


def test_scuba_and_scufo_give_the_contrasted_accuracy(tmp_path):
    pair = ['ucf101/scuba/stripe', 'ucf101/scufo/stripe']
    metrics, results, protocols = results_of('ucf101_scuba.py', pair, tmp_path)
    protocol = protocols[pair[0]]
    found = [
        results.record(protocol, cell).load_predictions() for cell in pair
    ]
    assert set(found[0].videos) == {f'{i}__0' for i in range(4)}
    right = dict(zip(found[0].videos, found[0].hits, strict=True))
    still = dict(zip(found[1].videos, found[1].hits, strict=True))
    share = sum(right[v] and not still[v] for v in right) / len(right)
    number = results.number(
        protocol, column(protocol, 'UCF101-contrasted-stripe')
    )
    assert number.value == pytest.approx(100 * share)
    assert metrics[f'{pair[0]}/acc/top1'] == found[0].hits.mean()


def test_hat_counts_videos_named_after_their_background(tmp_path):
    cells = ['ucf101/hat/close/1', 'ucf101/hat/scene_only']
    metrics, results, protocols = results_of('ucf101_hat.py', cells, tmp_path)
    record = results.record(protocols[cells[0]], cells[0])
    found = record.load_predictions()
    assert set(found.background) == {0, 1}
    named = (found.best[:, 0] == found.background).mean()
    assert metrics[f'{cells[0]}/acc/background_error'] == named
    assert record.percent('background_error') == pytest.approx(100 * named)
    assert f'{cells[1]}/acc/background_error' not in metrics
