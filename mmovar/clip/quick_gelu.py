"""The activation of OpenAI's weights, in as few passes as torch allows."""

import torch
from torch import Tensor, nn

_SLOPE = 1.702
_THRESHOLD = 40.0  # above it the sigmoid is 1 in double precision also


class QuickGELU(nn.Module):
    """``x * sigmoid(1.702 x)``, the activation of OpenAI's weights."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply elementwise."""
        return _QuickGELU.apply(x)


class _QuickGELU(torch.autograd.Function):
    """QuickGELU in one pass, its gradient in two; the input is saved."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        # softplus has the slope sigmoid(1.702 x), so this is a product by it
        return torch.ops.aten.softplus_backward(x, x, _SLOPE, _THRESHOLD)

    @staticmethod
    def setup_context(ctx, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        # QuickGELU is silu(1.702 x) / 1.702, and the factors cancel
        return torch.ops.aten.silu_backward(grad, _SLOPE * x)
