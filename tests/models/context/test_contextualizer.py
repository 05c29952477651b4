import pytest
import torch

from helpers.tiny_clip import largest_difference
from mmovar.models.context import Contextualizer
from mmovar.models.context.contextualizer import AGGREGATIONS
from mmovar.models.context.precision import full_precision


def build(patches=16, **options):
    defaults = dict(
        selection='cls_attention',
        seed_ratio=0.5,
        aggregation='bipartite',
        num_context=6,
    )
    return Contextualizer(patches, **(defaults | options))


def draw(frames=3, seeds=8, width=5, dtype=torch.double):
    torch.manual_seed(0)
    patches = torch.stack([torch.randperm(16)[:seeds] for _ in range(frames)])
    seeds = torch.randn(2, frames, seeds, width, dtype=dtype)
    return seeds, patches.expand(2, -1, -1)


@pytest.mark.parametrize(
    'frames, seeds, patches', [(16, 928, 196), (8, 464, 196), (2, 116, 196)]
)
def test_seeds_of_the_paper(frames, seeds, patches):
    model = build(patches, seed_ratio=0.3, num_context=96)
    attention = torch.rand(1, frames, 12, patches)
    index = model.select(attention, torch.empty(1, frames, patches, 12, 64))
    assert index.numel() == seeds and model.seeds == 58


def test_seeds_come_by_falling_score():
    attention = torch.rand(2, 3, 4, 16)
    index = build().select(attention, torch.randn(2, 3, 16, 4, 5))
    scores = attention.mean(dim=2)
    assert torch.equal(index, scores.sort(descending=True).indices[..., :8])


@pytest.mark.parametrize('aggregation', AGGREGATIONS)
def test_weighted_mean_of_the_context_is_the_mean_of_the_seeds(aggregation):
    seeds, patches = draw()
    context, source = build(aggregation=aggregation).merge(seeds, patches)
    assert context.shape == (2, 6, 5) and source.shape == (2, 3, 8)
    sizes = torch.stack([row.bincount() for row in source.flatten(1)])
    mean = (context * sizes.unsqueeze(-1)).sum(dim=1) / sizes.sum(1)[:, None]
    assert largest_difference(mean, seeds.flatten(1, 2).mean(dim=1)) < 1e-12


@pytest.mark.parametrize('aggregation', AGGREGATIONS)
def test_equal_frames_give_averages_of_the_same_patches(aggregation):
    """Context tokens of equal seeds are that seed."""
    seeds, patches = draw()
    seeds = seeds[:, :1, :1].expand_as(seeds)
    context, _ = build(aggregation=aggregation).merge(seeds, patches)
    assert largest_difference(context, seeds[:, 0, 0:1].expand(-1, 6, -1)) < (
        1e-12
    )


@pytest.mark.parametrize('aggregation', AGGREGATIONS)
def test_gradient_spreads_evenly_over_the_seeds_of_a_token(aggregation):
    seeds, patches = draw()
    seeds.requires_grad_()
    context, source = build(aggregation=aggregation).merge(seeds, patches)
    context[0, 2].sum().backward()
    mine = (source == 2) & (torch.arange(2) == 0)[:, None, None]
    expected = mine.double() / mine.sum()
    assert torch.allclose(seeds.grad, expected[..., None].expand_as(seeds))


def test_no_merge_keeps_all_seeds():
    seeds, patches = draw()
    model = build(aggregation='none', num_context=None)
    context, source = model.merge(seeds, patches)
    assert torch.equal(context, seeds.flatten(1, 2))
    assert torch.equal(source.flatten(1), torch.arange(24).expand(2, -1))


def test_no_selection_takes_all_patches_in_order():
    model = build(selection='none', seed_ratio=1)
    index = model.select(torch.rand(2, 3, 4, 16), torch.randn(2, 3, 16, 4, 5))
    assert torch.equal(index, torch.arange(16).expand(2, 3, -1))


def test_as_many_tokens_as_seeds_are_the_seeds():
    seeds, patches = draw()
    model = build(num_context=24)
    model.check_frames(3)
    assert torch.equal(model.merge(seeds, patches)[0], seeds.flatten(1, 2))


def test_half_precision_is_decided_in_full():
    half = torch.randn(3).bfloat16()
    double = torch.randn(3).double()
    with (
        torch.autocast('cpu', torch.bfloat16),
        full_precision(half, double) as (left, right),
    ):
        assert left.dtype == torch.float32 and right.dtype == torch.float64
        assert (left[:, None] @ left[None]).dtype == torch.float32


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(selection='entropy'), "'entropy' is none of cls_attention, "),
        (dict(aggregation='mean'), "'mean' is none of bipartite, dpc_knn, "),
        (dict(seed_ratio=0.01), '0.01 of 16 patches'),
        (dict(seed_ratio=1.5), '1.5 of 16 patches'),
        (dict(selection='none'), 'seed_ratio must be 1, not 0.5'),
        (dict(aggregation='none'), "num_context 6 with aggregation 'none'"),
        (dict(num_context=None), "None with aggregation 'bipartite'"),
        (dict(num_context=0), "0 with aggregation 'bipartite'"),
    ],
)
def test_options_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_more_context_tokens_than_seeds():
    model = build(num_context=25)
    model.check_frames(4)
    with pytest.raises(ValueError, match=r'25 .* from 24 seeds \(3 frames'):
        model.check_frames(3)
