import pytest
import torch

from mmovar.models.context.clustering import dpc_knn, k_means, k_medoids

CLUSTERINGS = (dpc_knn, k_means, k_medoids)


def blobs(sizes, width=8, seed=0):
    """Tight groups far from each other, shuffled: seeds and their group."""
    torch.manual_seed(seed)
    group = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
    group = group[torch.randperm(len(group))]
    centres = 20 * torch.eye(width)[: len(sizes)]
    return centres[group] + 0.1 * torch.randn(len(group), width), group


def same_partition(left, right):
    return torch.equal(
        left[:, None] == left[None], right[:, None] == right[None]
    )


def test_density_peaks_find_blobs():
    for seed in range(3):
        seeds, group = blobs(torch.tensor([7, 9, 12, 8]), seed=seed)
        cluster = dpc_knn(seeds[None], None, 4, neighbors=3)[0]
        assert same_partition(cluster, group)


@pytest.mark.parametrize('clustering', [k_means, k_medoids])
def test_blobs_are_kept_if_each_has_a_first_centre(clustering):
    """First centres are at equal steps: one in each blob, in order."""
    seeds, group = blobs(torch.tensor([8, 8, 8]))
    order = group.argsort(stable=True)
    cluster = clustering(seeds[order][None], None, 3)[0]
    assert same_partition(cluster, group[order])


@pytest.mark.parametrize('clustering', CLUSTERINGS)
@pytest.mark.parametrize('clusters', [1, 5, 30])
def test_no_cluster_is_empty(clustering, clusters):
    torch.manual_seed(0)
    cases = torch.stack([torch.randn(30, 4), torch.ones(30, 4)])
    for row in clustering(cases, None, clusters):
        assert row.unique().tolist() == list(range(clusters))


def test_seeds_are_in_the_cluster_of_the_nearest_mean():
    torch.manual_seed(0)
    seeds = torch.randn(1, 40, 2, dtype=torch.double)
    cluster = k_means(seeds, None, 4, iterations=50)[0]
    means = torch.stack([seeds[0][cluster == i].mean(dim=0) for i in range(4)])
    assert torch.equal(torch.cdist(seeds[0], means).argmin(dim=1), cluster)


def test_seeds_are_in_the_cluster_of_the_nearest_medoid():
    torch.manual_seed(0)
    seeds = torch.randn(1, 40, 2, dtype=torch.double)
    cluster = k_medoids(seeds, None, 4, iterations=50)[0]
    medoids = []
    for i in range(4):
        own = seeds[0][cluster == i]
        medoids.append(own[torch.cdist(own, own).sum(dim=1).argmin()])
    distances = torch.cdist(seeds[0], torch.stack(medoids))
    assert torch.equal(distances.argmin(dim=1), cluster)
