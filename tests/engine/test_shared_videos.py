"""Sets with videos in common encode them once and score as if alone."""

import numpy as np
import pytest
import torch

from helpers.shared_sets import BROKEN, LABELS, SETS, run, write_data
from mmovar.benchmark import read_records
from mmovar.engine.loops import BenchmarkTestLoop
from mmovar.engine.loops.shared_videos import (
    SharedVideos,
    map_tensors,
    video_keys,
)
from mmovar.models import CLIPRecognizer


@pytest.fixture
def root(tmp_path):
    write_data(tmp_path)
    return tmp_path


@pytest.fixture
def encoded(monkeypatch):
    """Count the videos that the vision tower sees."""
    seen = []
    original = CLIPRecognizer.extract_feat

    def count(self, inputs, **kwargs):
        seen.append(len(inputs))
        return original(self, inputs, **kwargs)

    monkeypatch.setattr(CLIPRecognizer, 'extract_feat', count)
    return seen


@pytest.mark.parametrize(
    'model', [{}, dict(type='CLIPEnsemble', ratio=0.5)], ids=str
)
def test_shared_sets_score_as_sets_alone(root, encoded, model):
    _, shared = run(root, SETS, model=model)
    together = sum(encoded)
    encoded.clear()
    _, apart = run(root, SETS, model=model, cache_gib=0)
    assert shared == apart
    towers = 2 if model else 1
    assert sum(encoded) == towers * (4 * len(LABELS) + 4)
    assert together == towers * 2 * len(LABELS)  # 'first' and 'alone'
    assert shared['some/acc/unreadable'] == 1


def test_predictions_are_equal_video_by_video(root):
    tables = []
    for cache in (8.0, 0):
        runner, _ = run(root, SETS, cache_gib=cache)
        tables.append(
            {
                name: loop.evaluator.metrics[0].predictions
                for name, loop in runner.test_loop.loops.items()
            }
        )
    for name, shared in tables[0].items():
        apart = tables[1][name]
        np.testing.assert_array_equal(shared.videos, apart.videos)
        np.testing.assert_array_equal(shared.truth, apart.truth)
        np.testing.assert_array_equal(shared.unreadable, apart.unreadable)
        np.testing.assert_allclose(shared.scores, apart.scores, atol=1e-4)
    broken = tables[0]['names'].videos[tables[0]['names'].unreadable]
    assert broken.tolist() == [str(BROKEN)]


def test_cells_take_the_share_of_clip_that_they_declare(root, monkeypatch):
    sets = dict(mixed={}, naive={}, own={})
    shares = dict(mixed=0.75, naive=0.0)
    monkeypatch.setattr(
        BenchmarkTestLoop, 'clip_share', lambda self, name: shares.get(name)
    )

    def scores(runner):
        return {
            name: loop.evaluator.metrics[0].predictions.scores
            for name, loop in runner.test_loop.loops.items()
        }

    ensemble = dict(type='CLIPEnsemble', ratio=0.5)
    runner, _ = run(root, sets, model=ensemble)
    found = scores(runner)
    assert runner.model.ratio == 0.5
    shares.clear()
    for name, ratio in dict(mixed=0.75, naive=0.0, own=0.5).items():
        alone = dict(ensemble, ratio=ratio)
        expected = scores(run(root, dict(x={}), model=alone)[0])['x']
        np.testing.assert_allclose(found[name], expected, atol=1e-4)


def test_a_full_cache_encodes_the_rest_again(root, encoded):
    sets = dict(list(SETS.items())[:2])
    _, everything = run(root, sets)
    assert sum(encoded) == len(LABELS)
    encoded.clear()
    of_video = 2 * 2 * 24 * 4  # views, frames, channels, bytes
    _, limited = run(root, sets, cache_gib=3.5 * of_video / 2**30)
    assert sum(encoded) == 2 * len(LABELS) - 3
    assert limited == everything


def test_features_are_forgotten_after_their_last_set(root):
    runner, _ = run(root, SETS)
    videos = runner.test_loop._videos
    assert videos._kept == {} and videos._bytes == 0


def test_sets_with_other_pipelines_share_nothing(root, encoded):
    run(root, {name: SETS[name] for name in ('first', 'alone')})
    assert sum(encoded) == 2 * len(LABELS)


def test_records_are_written_set_by_set(root):
    hook = dict(
        type='RecordHook',
        folder=str(root / 'records'),
        fields=dict(
            method='tiny',
            selection='none',
            versions={'torch': torch.__version__},
        ),
    )
    _, metrics = run(
        root,
        dict(ucf101_val1=SETS['first'], ucf101_val2=SETS['some']),
        hooks=[hook],
        cells=['ucf101/ep3/[12]'],
        setup='open_mede',
    )
    first, some = read_records([root / 'records'])
    top1, mean1 = (
        metrics['ucf101/ep3/1/acc/top1'],
        metrics['ucf101/ep3/2/acc/mean1'],
    )
    assert first.percent('top1') == pytest.approx(100 * top1)
    assert some.percent('mean1') == pytest.approx(100 * mean1)
    assert first.fractions['top1'][1] == first.videos == len(LABELS)
    assert some.unreadable == (str(BROKEN),)
    assert some.precision == some.views['precision'] == 'float32'
    assert some.views['clips'] == 2 and some.declared['size'] == 3734
    predictions = some.load_predictions()
    assert predictions.videos.tolist() == ['6', '4', '0', '3']
    assert predictions.fractions()['top1'] == some.fractions['top1']


def test_negative_memory_is_refused(root):
    with pytest.raises(
        ValueError, match=r'cache_gib must be in \[0, inf\), got -1'
    ):
        run(root, SETS, cache_gib=-1)


class Listed:
    """A dataset of numbers, for keys alone."""

    def __init__(self, *values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def get_data_info(self, index):
        return dict(video=self.values[index], label=index, sample_idx=index)


def test_keys_ignore_labels_lists_and_names_but_nothing_else():
    config = dict(type='T', ann_file='a', classnames='x', scufo=False)
    keys = video_keys(Listed(3, 4), config)
    other = dict(config, ann_file='b', classnames='y')
    assert video_keys(Listed(4, 3), other) == keys[::-1]
    assert not set(keys) & set(
        video_keys(Listed(3, 4), dict(config, scufo=True))
    )
    assert video_keys([1, 2], config) is None


def test_trees_of_features_are_kept_whole():
    tree = (torch.ones(2, 3), (None, torch.zeros(2)))
    videos = SharedVideos({'a': ['k'], 'b': ['k']}, limit=10**6)
    videos.add('a', 0, tree, 'sample')
    videos.finish('a')
    assert videos.owner('b', 0) == 0
    kept, sample = videos.get('b', 0)
    assert sample == 'sample' and kept[1][0] is None
    doubled = map_tensors(lambda *t: torch.cat(t), kept, kept)
    assert doubled[0].shape == (4, 3) and doubled[1][1].shape == (4,)
