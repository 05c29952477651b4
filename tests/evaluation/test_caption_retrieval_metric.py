import numpy as np
import pytest
import torch

from mmovar.benchmark.retrieval import ranks, recalls
from mmovar.evaluation import CaptionRetrievalMetric


def test_recall_is_that_of_a_plain_loop():
    scores = np.random.default_rng(0).normal(size=(30, 30))
    caption = np.random.default_rng(1).permutation(30)
    found = recalls(scores, caption)
    for depth in (1, 5, 10):
        hits = 0
        for video, text in enumerate(caption):
            best = np.argsort(-scores[:, text])[:depth]
            hits += video in best
        assert found[f'R@{depth}'] == (hits, 30)
        hits = sum(
            caption[v] in np.argsort(-scores[v])[:depth] for v in range(30)
        )
        assert found[f'V2T R@{depth}'] == (hits, 30)


def test_ties_count_against_the_query():
    assert ranks(np.ones((1, 3)), np.array([0])).tolist() == [2]


def test_unreadable_videos_are_not_found_and_hide_nobody():
    scores = np.array([[9.0, 9.0], [1.0, 2.0]])
    readable = np.array([False, True])
    found = recalls(scores, np.array([0, 1]), (1,), readable)
    assert found['R@1'] == found['V2T R@1'] == (1, 2)


def sample(scores, truth):
    return dict(pred_score=torch.tensor(scores), gt_label=torch.tensor(truth))


def test_metric_ranks_over_all_batches():
    metric = CaptionRetrievalMetric(depths=(1, 2))
    metric.dataset_meta = dict(classes=('a dog', 'a cat'))
    metric.process(None, [sample([2.0, 3.0], 0)])
    metric.process(None, [sample([1.0, 2.0], 1)])
    found = metric.evaluate(2)
    # text 'a dog': video 0 first; text 'a cat': video 0 before video 1
    assert found['retrieval/R@1'] == 0.5 and found['retrieval/R@2'] == 1
    # video 0 prefers 'a cat'; video 1 'a cat', which is right
    assert found['retrieval/V2T R@1'] == 0.5
    assert metric.fractions['R@1'] == (1, 2)
    assert len(metric.predictions) == 2
    with pytest.raises(ValueError, match='depths must be >= 1'):
        CaptionRetrievalMetric(depths=(0,))
