import pytest
import torch

from helpers.tiny_clip import largest_difference
from mmovar.clip import QuickGELU


def formula(x):
    return x * torch.sigmoid(1.702 * x)


def with_gradient(function, x):
    x = x.clone().requires_grad_()
    out = function(x)
    out.sin().sum().backward()
    return out, x.grad


def test_value_and_gradient_are_those_of_the_formula():
    x = torch.cat([torch.linspace(-60, 60, 1001), torch.tensor([-1e4, 1e4])])
    x = x.double()
    out, grad = with_gradient(QuickGELU(), x)
    expected, expected_grad = with_gradient(formula, x)
    torch.testing.assert_close(out, expected, rtol=1e-14, atol=1e-300)
    assert largest_difference(grad, expected_grad) < 1e-13


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_rounds_once(dtype):
    x = torch.linspace(-6, 6, 1001).to(dtype)
    out = QuickGELU()(x)
    assert out.dtype == dtype
    # one step between neighbours, of the kernel's exponential
    eps = torch.finfo(dtype).eps
    torch.testing.assert_close(
        out.float(), formula(x.float()), rtol=eps, atol=eps / 64
    )


def test_one_kernel_forward_and_two_backward():
    x = torch.randn(4, 8, requires_grad=True)
    with torch.profiler.profile() as profile:
        QuickGELU()(x).backward(torch.ones(4, 8))
    kernels = [e.name for e in profile.events() if e.name in PASSES]
    assert kernels == [
        *('aten::softplus_backward', 'aten::mul', 'aten::silu_backward')
    ]


PASSES = (
    *('aten::mul', 'aten::div', 'aten::silu', 'aten::silu_backward'),
    *('aten::sigmoid', 'aten::softplus_backward', 'aten::clone'),
)
