import pytest
import torch

from mmovar.models.context.seed_selection import SCORES


@pytest.fixture
def looked_at():
    """Attention (B, T, h, P) and keys (B, T, P, h, d)."""
    torch.manual_seed(0)
    attention = torch.rand(2, 3, 4, 9).softmax(dim=-1)
    return attention, torch.randn(2, 3, 9, 4, 5)


@pytest.mark.parametrize('name', SCORES)
def test_one_score_per_patch(name, looked_at):
    assert SCORES[name](*looked_at).shape == (2, 3, 9)


@pytest.mark.parametrize('name', SCORES)
def test_it_follows_the_patches(name, looked_at):
    attention, keys = looked_at
    order = torch.randperm(9)
    scores = SCORES[name](attention, keys)
    permuted = SCORES[name](attention[..., order], keys[:, :, order])
    assert torch.allclose(permuted, scores[..., order])


@pytest.mark.parametrize('name', ['cls_attention', 'key_norm'])
def test_averages_forget_the_order_of_heads(name, looked_at):
    attention, keys = looked_at
    scores = SCORES[name](attention, keys)
    flipped = SCORES[name](attention.flip(2), keys.flip(3))
    assert torch.allclose(scores, flipped)


def test_heads_choose_in_turn():
    attention = torch.tensor(
        [[0.1, 0.2, 0.3, 0.4], [0.5, 0.1, 0.2, 0.4], [0.1, 0.3, 0.2, 0.9]]
    )[None, None]
    scores = SCORES['headwise_cls_attention'](attention, None)
    # firsts of the heads: 3, 0, (3); seconds: 2, (3), 1
    assert scores.argsort(descending=True).tolist() == [[[3, 0, 2, 1]]]


def test_key_norm_is_that_of_a_head(looked_at):
    _, keys = looked_at
    expected = (keys**2).sum(dim=-1).sqrt()
    scores = SCORES['key_norm'](None, keys)
    assert torch.allclose(scores, expected.mean(dim=-1))
    one_head = expected[..., :1]
    order = SCORES['headwise_key_norm'](None, keys[..., :1, :]).argsort()
    assert torch.equal(order, one_head.squeeze(-1).argsort())
