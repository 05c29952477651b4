import pytest
import torch
from torch import nn

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
)
from mmovar.clip import Attention


@pytest.fixture
def pair():
    """Ours and torch's attention with the same weights."""
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(16, 4, batch_first=True)
    nn.init.normal_(theirs.in_proj_bias)
    nn.init.normal_(theirs.out_proj.bias)
    ours = Attention(16, 4)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def test_attention_equals_that_of_torch(pair):
    ours, theirs = pair
    x = torch.randn(3, 5, 16)
    expected = theirs(x, x, x)[0]
    assert largest_difference(ours(x), expected) < 1e-6


def test_attention_gradients_equal_those_of_torch(pair):
    ours, theirs = pair
    x = torch.randn(3, 5, 16)
    ours(x).square().sum().backward()
    theirs(x, x, x)[0].square().sum().backward()
    assert gradient_difference(gradients(ours), gradients(theirs)) < 1e-6


def test_leading_dimensions_are_batch(pair):
    ours = pair[0]
    x = torch.randn(2, 3, 5, 16)
    single = torch.stack(
        [torch.stack([ours(y[None])[0] for y in v]) for v in x]
    )
    assert largest_difference(ours(x), single) < 1e-6


def test_causal_rows_ignore_what_follows(pair):
    ours, theirs = pair
    x = torch.randn(3, 5, 16)
    hidden = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = theirs(x, x, x, attn_mask=hidden)[0]
    assert largest_difference(ours(x, causal=True), expected) < 1e-6


def test_query_rows_are_those_of_the_full_attention(pair):
    ours = pair[0]
    x = torch.randn(2, 3, 5, 16)
    some = ours(x, query=x[..., 1:3, :])
    assert largest_difference(some, ours(x)[..., 1:3, :]) < 1e-6


def test_masked_keys_do_not_matter(pair):
    ours = pair[0]
    x = torch.randn(3, 5, 16)
    seen = torch.tensor([True, True, True, False, False])
    out = ours(x, query=x[:, :1], mask=seen.expand(3, 1, 1, 5))
    assert largest_difference(out, ours(x[:, :3])[:, :1]) < 1e-6
