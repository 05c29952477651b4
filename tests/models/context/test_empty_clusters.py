import torch

from mmovar.models.context.empty_clusters import fill_empty_clusters


def test_the_farthest_seeds_move():
    cluster = torch.tensor([[0, 0, 0, 2, 2]])
    distance = torch.tensor([[1.0, 5.0, 2.0, 3.0, 4.0]])
    filled = fill_empty_clusters(cluster, distance, 3)
    assert filled.tolist() == [[0, 1, 0, 2, 2]]


def test_nothing_moves_if_none_is_empty():
    cluster = torch.tensor([[0, 1, 1, 2], [2, 0, 1, 0]])
    filled = fill_empty_clusters(cluster, torch.rand(2, 4), 3)
    assert torch.equal(filled, cluster)


def test_as_many_clusters_as_seeds():
    cluster = torch.zeros(2, 6, dtype=torch.long)
    filled = fill_empty_clusters(cluster, torch.zeros(2, 6), 6)
    assert filled.sort().values.tolist() == [list(range(6))] * 2


def test_any_assignment_is_filled():
    torch.manual_seed(0)
    for _ in range(50):
        cluster = torch.randint(5, (3, 7))
        distance = torch.randint(3, (3, 7)).float()
        for row in fill_empty_clusters(cluster, distance, 5):
            assert row.unique().tolist() == list(range(5))
