import pytest
import torch
from torch import nn

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
)
from mmovar.clip import Attention
from mmovar.models.backbones import ContextAttention
from tools.profiling.naive_tc_clip import naive_attention

B, T, N, K, WIDTH, HEADS = 2, 3, 5, 4, 24, 4


def build(bias=True):
    torch.manual_seed(0)
    module = ContextAttention(WIDTH, HEADS)
    if bias:
        module.add_bias()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module.double()


def draw():
    torch.manual_seed(1)
    frames = torch.randn(B, T, N, WIDTH).double()
    return frames, torch.randn(B, K, WIDTH).double()


def run(module, forward):
    module.zero_grad()
    frames, context = (x.requires_grad_() for x in draw())
    out = forward(frames, context)
    out.sin().sum().backward()
    return out, gradients(module) | dict(f=frames.grad, c=context.grad)


def reference(module):
    def forward(frames, context):
        x = torch.cat([frames.flatten(1, 2), context], dim=1)
        return naive_attention(module, x, T, N)[0]

    return forward


@pytest.mark.parametrize('bias', [True, False])
def test_equals_softmax_over_repeated_context(bias):
    module = build(bias)
    out, grads = run(
        module, lambda frames, context: module(frames, context=context)
    )
    expected, expected_grads = run(module, reference(module))
    assert largest_difference(out, expected) < 1e-12
    assert gradient_difference(grads, expected_grads) < 1e-12


def test_rows_that_are_read_are_those_of_all_rows():
    module, (frames, context) = build(), draw()
    every = module(frames, context=context)
    rows = [0, 3]
    some = module(frames, query=frames[:, :, rows], context=context)
    assert largest_difference(some, every[:, :, rows]) < 1e-12


def test_row_of_the_attention_is_that_of_the_whole_map():
    module, (frames, context) = build(), draw()
    q, keys, _ = module.project(frames, context)
    row = module.attention_row(q[:, :, 0], keys)
    x = torch.cat([frames.flatten(1, 2), context], dim=1)
    _, attention = naive_attention(module, x, T, N)
    assert row.shape == (B, T, HEADS, N + K) and not row.requires_grad
    assert largest_difference(row, attention[..., 0, :]) < 1e-12


def test_without_context_and_bias_it_is_clips_attention():
    module, (frames, _) = build(bias=False), draw()
    plain = Attention(WIDTH, HEADS).double()
    plain.load_state_dict(module.state_dict())
    assert largest_difference(module(frames), plain(frames)) < 1e-12


def test_only_the_difference_of_the_biases_matters():
    module, (frames, context) = build(), draw()
    out = module(frames, context=context)
    with torch.no_grad():
        module.local_global_bias_table += 0.7
    assert largest_difference(module(frames, context=context), out) < 1e-12
    with torch.no_grad():
        module.local_global_bias_table[..., 1] += 0.7
    assert largest_difference(module(frames, context=context), out) > 1e-2


def test_order_of_the_context_does_not_matter():
    module, (frames, context) = build(), draw()
    out = module(frames, context=context)
    flipped = module(frames, context=context.flip(1))
    assert largest_difference(out, flipped) < 1e-12


def test_keys_of_the_paper():
    """197 of a frame and 96 of the video, 64 channels and the bias's."""
    module = ContextAttention(768, 12)
    module.add_bias()
    frames, context = torch.randn(1, 2, 197, 768), torch.randn(1, 96, 768)
    q, keys, values = module.project(frames, context)
    assert q.shape == (1, 2, 197, 12, 72)
    assert keys.shape == values.shape == (1, 2, 293, 12, 72)
    assert module.without_bias_channels(keys).shape[-1] == 64
    assert module.local_global_bias_table.shape == (12, 1, 2)


def test_the_attention_map_is_not_kept_for_the_backward_pass():
    module = ContextAttention(64, 4)
    module.add_bias()
    frames = torch.randn(1, 4, 100, 64, requires_grad=True)
    context = torch.randn(1, 50, 64, requires_grad=True)
    shapes = []

    def note(tensor):
        shapes.append(tuple(tensor.shape))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda t: t):
        module(frames, context=context)
    assert not any(shape[-2:] == (100, 150) for shape in shapes)
