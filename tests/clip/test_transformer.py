import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
)
from mmovar.clip import LayerNorm, Transformer


class Casts(TorchDispatchMode):
    """Notes the shapes of what is cast."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten._to_copy.default:
            self.shapes.append(tuple(args[0].shape))
        return func(*args, **(kwargs or {}))


@pytest.fixture
def cuda_autocast():
    """Autocast of CUDA to bfloat16, also where there is no GPU."""
    torch.set_autocast_enabled('cuda', True)
    torch.set_autocast_dtype('cuda', torch.bfloat16)
    yield
    torch.set_autocast_enabled('cuda', False)
    torch.set_autocast_dtype('cuda', torch.float16)
    torch.clear_autocast_cache()


def casts_on_fake_gpu(norm):
    """Run a norm of width 8 on tensors of a GPU that has no memory."""
    with FakeTensorMode(), torch.no_grad(), Casts() as casts:
        x = torch.empty(4, 8, dtype=torch.bfloat16, device='cuda')
        out = norm(8, device='cuda')(x)
    return out.dtype, casts.shapes


def test_layer_norm_casts_no_activation_on_a_gpu(cuda_autocast):
    assert casts_on_fake_gpu(LayerNorm) == (torch.bfloat16, [(8,), (8,)])
    assert casts_on_fake_gpu(nn.LayerNorm) == (torch.float32, [(4, 8)])


def test_layer_norm_casts_no_activation_on_a_cpu():
    norm, x = LayerNorm(8), torch.randn(4, 8).bfloat16().requires_grad_()
    with torch.autocast('cpu', dtype=torch.bfloat16), Casts() as casts:
        out = norm(x)
        out.backward(torch.ones_like(out))
    assert out.dtype == torch.bfloat16
    assert casts.shapes == []


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_layer_norm_under_autocast_is_that_of_float32_rounded(dtype):
    torch.manual_seed(0)
    norm, x = LayerNorm(64), torch.randn(16, 64).to(dtype)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    with torch.autocast('cpu', dtype=dtype):
        out = norm(x)
    expected = norm(x.float())
    eps = torch.finfo(dtype).eps
    torch.testing.assert_close(out.float(), expected, rtol=eps, atol=eps)


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
