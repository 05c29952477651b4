"""The spatio-temporal adapter, and a block of CLIP with adapters in it."""

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from mmovar.clip import AttentionFactory, Block, RowSelector

PLACES = ('attn', 'mlp')


class TemporalConv(nn.Conv3d):
    """Depth-wise convolution over 3 frames, on tokens (B, T, N, C).

    As ``nn.Conv3d`` with a 3x1x1 kernel, whose parameters it has: beyond the
    first and the last frame lie zeros. Three products in the order in which
    tokens lie in memory are faster than that kernel and its transposes.

    Args:
        channels: C.
    """

    bias: nn.Parameter

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, (3, 1, 1), groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """Mix each token with those at its place one frame off."""
        before, now, after = self.weight.to(x.dtype).flatten(1).unbind(dim=1)
        x = F.pad(x, (0, 0, 0, 0, 1, 1))
        out = x[:, :-2] * before + x[:, 1:-1] * now + x[:, 2:] * after
        return out + self.bias.to(x.dtype)


class STAdapter(nn.Module):
    """Add to each patch what a narrow convolution over time finds.

    ``x + fc2(conv(fc1(x)))`` without norm and activation. The class token
    stays. The convolution and the biases start at zero, so a new adapter
    does nothing.

    Source: ST-Adapter (NeurIPS 2022), section 3.3 and its released code,
    which has no activation.

    Args:
        width: Channels D of the tokens.
        adapter_width: Channels of the convolution.
    """

    def __init__(self, width: int, adapter_width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, adapter_width)
        self.conv = TemporalConv(adapter_width)
        self.fc2 = nn.Linear(adapter_width, width)
        for zero in (
            *self.conv.parameters(),
            *(self.fc1.bias, self.fc2.bias),
        ):
            nn.init.zeros_(zero)

    def forward(self, x: Tensor) -> Tensor:
        """Adapt the patches among tokens (B, T, N, D), class token first.

        Without patches (N = 1) nothing changes, and the gradients of the
        parameters are zero; they are not missing, which DDP would refuse.
        """
        patches = self.fc1(x)[:, :, 1:]
        return x + F.pad(self.fc2(self.conv(patches)), (0, 0, 1, 0))


class STAdapterBlock(Block):
    """CLIP's block with adapters before its halves.

    Args:
        width: Channels D.
        heads: Heads.
        quick_gelu: Whether the MLP uses QuickGELU instead of GELU.
        attention: Builds the attention from (width, heads).
        before: Places of the adapters, of ``'attn'`` and ``'mlp'``.
        adapter_width: Channels of the convolutions.

    Raises:
        ValueError: If there is no place, or one of another name.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        quick_gelu: bool,
        attention: AttentionFactory,
        before: Sequence[str],
        adapter_width: int,
    ) -> None:
        super().__init__(width, heads, quick_gelu, attention)
        if isinstance(before, str) or not before or set(before) - set(PLACES):
            raise ValueError(
                f'adapters before {before!r}: give a list out of {PLACES}'
            )
        self.adapter_pre_attn, self.adapter_pre_mlp = (
            STAdapter(width, adapter_width)
            if place in before
            else nn.Identity()
            for place in PLACES
        )

    def attend(
        self, x: Tensor, rows: RowSelector | None = None, **attention: Any
    ) -> Tensor:
        """Adapt, then attend."""
        return super().attend(self.adapter_pre_attn(x), rows, **attention)

    def feed_forward(self, x: Tensor) -> Tensor:
        """Adapt, then run the MLP."""
        return super().feed_forward(self.adapter_pre_mlp(x))
