"""Decisions of TC-CLIP are taken in float32, whatever the model runs in."""

import pytest
import torch

from mmovar.models.backbones.context_attention import ContextAttention
from mmovar.models.context import Contextualizer


def contextualizer(selection='cls_attention'):
    return Contextualizer(
        16,
        selection=selection,
        seed_ratio=0.5,
        aggregation='bipartite',
        num_context=6,
    )


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('selection', ['cls_attention', 'key_norm'])
def test_values_of_half_precision_are_ranked_in_float32(dtype, selection):
    torch.manual_seed(0)
    model = contextualizer(selection)
    attention = torch.rand(2, 3, 4, 16).to(dtype)
    keys = torch.randn(2, 3, 16, 4, 8).to(dtype)
    seeds = torch.randn(2, 3, 8, 5).to(dtype)
    with torch.autocast('cpu', dtype):
        index = model.select(attention, keys)
        context, source = model.merge(seeds, index)
    exact = model.select(attention.float(), keys.float())
    assert torch.equal(index, exact)
    expected, clusters = model.merge(seeds.float(), exact)
    assert torch.equal(source, clusters)
    assert context.dtype == dtype
    assert torch.equal(context, expected.to(dtype))


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_attention_that_ranks_is_of_float32(dtype):
    """In half precision many of 196 patches would have equal scores."""
    torch.manual_seed(0)
    attention = ContextAttention(32, 4)
    query = torch.randn(1, 2, 4, 8).to(dtype)
    keys = torch.randn(1, 2, 196, 4, 8).to(dtype)
    with torch.autocast('cpu', dtype):
        row = attention.attention_row(query, keys)
    assert row.dtype == torch.float32
    exact = attention.attention_row(query.float(), keys.float())
    assert torch.equal(row, exact)
