import pytest
import torch
from torch import nn

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
)
from mmovar.clip import LayerNorm, QuickGELU, Transformer


def test_quick_gelu_formula():
    x = torch.linspace(-6, 6, 101)
    expected = x * torch.sigmoid(1.702 * x)
    assert largest_difference(QuickGELU()(x), expected) < 1e-6


def test_layer_norm_keeps_half_precision_under_autocast():
    x = torch.randn(2, 8, dtype=torch.bfloat16)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert LayerNorm(8)(x).dtype == torch.bfloat16


def first_row(x):
    return x[..., :1, :]


def all_rows(x):
    return x


@pytest.fixture
def transformer():
    torch.manual_seed(0)
    model = Transformer(width=16, layers=3, heads=2, quick_gelu=True)
    for name, parameter in model.named_parameters():
        if name.endswith('bias'):
            nn.init.normal_(parameter)
    return model


def run(model, x, rows):
    """First output row and all gradients, with the input's."""
    model.zero_grad()
    x = x.clone().requires_grad_()
    row = model(x, rows=rows)[..., :1, :]
    row.sin().sum().backward()
    return row, gradients(model) | {'x': x.grad}


def test_computing_only_the_rows_read_is_exact(transformer):
    x = torch.randn(2, 3, 5, 16)
    row, grads = run(transformer, x, first_row)
    expected, expected_grads = run(transformer, x, all_rows)
    assert row.shape == (2, 3, 1, 16)
    assert largest_difference(row, expected) < 1e-6
    assert gradient_difference(grads, expected_grads) < 1e-6


def test_rows_that_are_not_read_are_not_computed(transformer):
    shapes = []
    last = transformer.resblocks[-1].mlp
    last.register_forward_hook(lambda *a: shapes.append(a[-1].shape))
    transformer(torch.randn(2, 3, 5, 16), rows=first_row)
    assert shapes == [(2, 3, 1, 16)]


def test_checkpointing_gives_the_same_gradients(transformer):
    x = torch.randn(2, 3, 5, 16)
    expected = run(transformer, x, first_row)[1]
    calls = []
    block = transformer.resblocks[0]
    block.register_forward_pre_hook(lambda *_: calls.append(1))
    transformer.with_cp = True
    grads = run(transformer.train(), x, first_row)[1]
    assert len(calls) == 2  # forward and recomputation
    assert gradient_difference(grads, expected) < 1e-6
    transformer.eval()(x, rows=first_row)
    assert len(calls) == 3
