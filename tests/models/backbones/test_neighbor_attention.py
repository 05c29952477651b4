import pytest
import torch
from torch import nn

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
)
from mmovar.clip import Attention
from mmovar.models.backbones import NeighborAttention

BORDERS = ('zero', 'clamp', 'mask')


def widen(x, border):
    """Neighbours' keys by the frame: (B, T, N, ...) -> (B, T, 3N, ...)."""
    first, last = x[:, :1], x[:, -1:]
    if border != 'clamp':
        first, last = torch.zeros_like(first), torch.zeros_like(last)
    before = torch.cat([first, x[:, :-1]], dim=1)
    after = torch.cat([x[:, 1:], last], dim=1)
    return torch.cat([before, x, after], dim=2)


def reference(module, x):
    """The attention written out, with widened keys and values."""
    weight, bias = module.in_proj_weight, module.in_proj_bias
    q, k, v = (x @ weight.T + bias).chunk(3, dim=-1)
    heads = (module.heads, x.shape[-1] // module.heads)
    q = q.unflatten(-1, heads)
    k = widen(k, module.border).unflatten(-1, heads)
    v = widen(v, module.border).unflatten(-1, heads)
    scores = torch.einsum('btmhd,btnhd->bthmn', q, k) * heads[1] ** -0.5
    if module.border == 'mask':
        tokens = x.shape[2]
        hidden = torch.zeros(x.shape[1], 3 * tokens, dtype=torch.bool)
        hidden[0, :tokens] = True
        hidden[-1, 2 * tokens :] = True
        scores = scores.masked_fill(hidden[None, :, None, None], -torch.inf)
    out = torch.einsum('bthmn,btnhd->btmhd', scores.softmax(dim=-1), v)
    return out.flatten(-2) @ module.out_proj.weight.T + module.out_proj.bias


def build(border, width=16, heads=4):
    torch.manual_seed(0)
    module = NeighborAttention(width, heads, border=border)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module


def run(module, forward, x):
    """Output and all gradients, with the input's."""
    module.zero_grad()
    x = x.clone().requires_grad_()
    out = forward(x)
    out.sin().sum().backward()
    return out, gradients(module) | {'x': x.grad}


@pytest.mark.parametrize('border', BORDERS)
@pytest.mark.parametrize('frames', [1, 2, 5])
def test_equals_attention_over_widened_keys(border, frames):
    module = build(border)
    x = torch.randn(2, frames, 3, 16)
    out, grads = run(module, module, x)
    expected, expected_grads = run(module, lambda x: reference(module, x), x)
    assert largest_difference(out, expected) < 1e-5
    assert gradient_difference(grads, expected_grads) < 2e-6


@pytest.mark.parametrize('border', BORDERS)
def test_rows_that_are_read_are_those_of_all_rows(border):
    module = build(border)
    x = torch.randn(2, 4, 3, 16)
    some = module(x, query=x[..., :1, :])
    assert largest_difference(some, module(x)[..., :1, :]) < 2e-6


@pytest.mark.parametrize('border', BORDERS)
def test_batch_and_time_may_be_strided(border):
    module = build(border)
    x = torch.randn(4, 2, 3, 16).transpose(0, 1)
    assert largest_difference(module(x), module(x.contiguous())) < 2e-6


@pytest.mark.parametrize('border', BORDERS)
def test_frames_see_their_neighbours_only(border):
    module = build(border)
    x = torch.randn(1, 6, 3, 16)
    other = x.clone()
    other[:, 3] += 1
    changed = (module(x) - module(other)).abs().amax(dim=(0, 2, 3)) > 1e-4
    assert changed.tolist() == [False, False, True, True, True, False]


def test_zero_border_takes_part_in_the_softmax():
    """Against attention over zero keys, and so smaller than masked."""
    x = torch.randn(1, 1, 3, 16)
    zero, mask = build('zero'), build('mask')
    plain = Attention(16, 4)
    plain.load_state_dict(mask.state_dict())
    assert largest_difference(mask(x), plain(x)) < 2e-6
    assert largest_difference(zero(x), plain(x)) > 1e-2


def test_no_parameter_is_added():
    expected = Attention(16, 4).state_dict()
    assert build('zero').state_dict().keys() == expected.keys()


def test_unknown_border():
    with pytest.raises(ValueError, match="border 'roll' is none of .*'zero'"):
        NeighborAttention(16, 4, border='roll')


def test_masks_are_refused():
    module, x = build('zero'), torch.randn(1, 2, 3, 16)
    with pytest.raises(ValueError, match='takes no mask'):
        module(x, causal=True)
    with pytest.raises(ValueError, match='takes no mask'):
        module(x, mask=torch.ones(3, 3, dtype=torch.bool))


def saved_bytes(forward, x):
    """Bytes kept for the backward pass, each storage counted once."""
    storages = {}

    def note(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda t: t):
        out = forward(x)
    assert out.requires_grad
    return sum(storages.values())


@pytest.mark.parametrize('border', BORDERS)
def test_widened_keys_are_not_kept_for_the_backward_pass(border):
    module = build(border, width=64, heads=4)
    frames, tokens = 8, 50
    x = torch.randn(2, frames, tokens, 64, requires_grad=True)
    tensor = x.numel() * x.element_size()
    ours = saved_bytes(module, x)
    naive = saved_bytes(lambda x: reference(module, x), x)
    # x, q, the output in the order of the kernel and in that of the layer;
    # k and v with one frame of border on each side; the weights
    padded = tensor * (frames + 2) // frames
    weights = sum(p.numel() * 4 for p in module.parameters())
    assert ours < 4.1 * tensor + 2 * padded + weights
    assert ours < 0.4 * naive
