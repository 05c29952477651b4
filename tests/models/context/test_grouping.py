import pytest
import torch

from mmovar.models.context.grouping import random_groups, temporal_tube


@pytest.mark.parametrize('group', [temporal_tube, random_groups])
@pytest.mark.parametrize('count, clusters', [(12, 4), (13, 5), (7, 7)])
def test_groups_are_of_equal_size_up_to_one(group, count, clusters):
    torch.manual_seed(0)
    seeds, patches = torch.randn(2, count, 3), torch.randint(9, (2, count))
    for row in group(seeds, patches, clusters):
        sizes = row.bincount(minlength=clusters)
        assert sizes.max() - sizes.min() <= 1 and sizes.min() >= 1


def test_a_tube_is_one_patch_over_time():
    """All nine patches of four frames, each frame in its own order."""
    torch.manual_seed(0)
    patches = torch.stack([torch.randperm(9) for _ in range(4)])
    cluster = temporal_tube(torch.randn(1, 36, 3), patches.view(1, 36), 9)
    assert torch.equal(cluster, patches.view(1, 36))


def test_random_groups_can_be_repeated():
    seeds = torch.randn(2, 20, 3)
    first = random_groups(seeds, None, 4)
    torch.manual_seed(1)
    assert torch.equal(first, random_groups(seeds + 1, None, 4))
    assert first[0].tolist() != sorted(first[0].tolist())
