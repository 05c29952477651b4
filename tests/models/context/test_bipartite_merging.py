import pytest
import torch

from helpers.tiny_clip import largest_difference
from mmovar.models.context import bipartite_merging as module
from mmovar.models.context.bipartite_merging import bipartite_merging
from mmovar.models.context.contextualizer import mean_of_clusters
from tools.profiling.naive_tc_clip import naive_merging


def draw(count, width=16, batch=2, dtype=torch.double):
    torch.manual_seed(0)
    return torch.randn(batch, count, width, dtype=dtype)


@pytest.mark.parametrize(
    'count, clusters', [(50, 7), (51, 50), (9, 1), (8, 8)]
)
def test_equals_averaging_round_by_round(count, clusters):
    seeds = draw(count)
    cluster = bipartite_merging(seeds, None, clusters, step=10)
    merged = mean_of_clusters(seeds, cluster, clusters)
    expected = naive_merging(seeds, clusters, step=10)
    assert largest_difference(merged, expected) < 1e-12


@pytest.mark.parametrize(
    'frames, rounds',
    [
        (4, [100, 36]),
        (8, [100, 100, 100, 68]),
        (16, [100] * 8 + [32]),
        (32, [100] * 17 + [60]),
    ],
)
def test_rounds_of_the_released_code(frames, rounds, monkeypatch):
    places, counts = module._places, []

    def note(partner, kept, steps):
        counts.append(partner.shape[1] - kept.shape[1])
        return places(partner, kept, steps)

    monkeypatch.setattr(module, '_places', note)
    bipartite_merging(draw(58 * frames, batch=1), None, 96)
    assert counts == rounds


def test_every_cluster_has_a_seed():
    cluster = bipartite_merging(draw(90), None, 12, step=20)
    for row in cluster:
        assert row.unique().tolist() == list(range(12))


def test_left_over_tokens_come_first_most_similar_first():
    """Of even tokens 0, 2 and 4, the pair 0 and 1 is the closest."""
    angles = torch.tensor([0.0, 0.1, 1.0, 1.3, 2.0, 2.2])
    seeds = torch.stack([angles.cos(), angles.sin()], dim=-1)[None]
    cluster = bipartite_merging(seeds, None, 5, step=1)
    # left: 4 (0.2 from 5), then 2 (0.3 from 3); then 1 with 0, 3, 5
    assert cluster.tolist() == [[2, 2, 1, 3, 0, 4]]


def test_scale_of_the_features_does_not_matter():
    seeds = draw(60)
    cluster = bipartite_merging(seeds, None, 9, step=10)
    scaled = bipartite_merging(8 * seeds, None, 9, step=10)
    assert torch.equal(cluster, scaled)


def test_videos_do_not_see_each_other():
    seeds = draw(60, batch=3)
    cluster = bipartite_merging(seeds, None, 9, step=10)
    for i in range(3):
        alone = bipartite_merging(seeds[i : i + 1], None, 9, step=10)
        assert torch.equal(alone[0], cluster[i])
