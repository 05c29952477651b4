"""The pre-norm transformer that both towers of CLIP share."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .attention import Attention, AttentionWeights
from .quick_gelu import QuickGELU

AttentionFactory = Callable[[int, int], AttentionWeights]
RowSelector = Callable[[Tensor], Tensor]


class LayerNorm(nn.LayerNorm):
    """Layer norm in its input's dtype, also under autocast.

    Autocast on CUDA would cast the input to float32 and back, and its
    gradient. The kernel computes in float32 anyway.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        if not x.is_cuda:  # takes weights of float32 as they are
            return super().forward(x).to(x.dtype)
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        with torch.autocast('cuda', enabled=False):
            return F.layer_norm(
                x, self.normalized_shape, weight, bias, self.eps
            )


class BlockWeights(nn.Module):
    """Weights of a residual attention block, with CLIP's parameter names.

    Args:
        width: Channels D.
        heads: Heads.
        quick_gelu: Whether the MLP uses QuickGELU instead of GELU.
        attention: Builds the attention from (width, heads).
    """

    attn: AttentionWeights

    def __init__(
        self,
        width: int,
        heads: int,
        quick_gelu: bool,
        attention: AttentionFactory = Attention,
    ) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(width)
        self.attn = attention(width, heads)
        self.ln_2 = LayerNorm(width)
        self.mlp = nn.Sequential(
            OrderedDict(
                c_fc=nn.Linear(width, 4 * width),
                gelu=QuickGELU() if quick_gelu else nn.GELU(),
                c_proj=nn.Linear(4 * width, width),
            )
        )

    def feed_forward(self, x: Tensor) -> Tensor:
        """Transform each token: the second half of the block."""
        return x + self.mlp(self.ln_2(x))

    def draw_weights(self, layers: int) -> None:
        """Draw CLIP's initial weights (the scales of its text tower).

        Args:
            layers: Blocks in the tower.
        """
        width = self.attn.out_proj.in_features
        proj_std = (2 * width * layers) ** -0.5
        nn.init.normal_(self.attn.in_proj_weight, std=width**-0.5)
        nn.init.zeros_(self.attn.in_proj_bias)
        nn.init.normal_(self.attn.out_proj.weight, std=proj_std)
        nn.init.zeros_(self.attn.out_proj.bias)
        c_fc = self.mlp.get_parameter('c_fc.weight')
        c_proj = self.mlp.get_parameter('c_proj.weight')
        nn.init.normal_(c_fc, std=(2 * width) ** -0.5)
        nn.init.normal_(c_proj, std=proj_std)


class Block(BlockWeights):
    """The pre-norm block of CLIP; see :class:`BlockWeights`."""

    attn: Attention

    def forward(
        self, x: Tensor, rows: RowSelector | None = None, **attention: Any
    ) -> Tensor:
        """Run the block, on all rows of ``x`` or on some.

        Args:
            x: (..., N, D).
            rows: Picks the rows to compute, (..., N, D) -> (..., M, D).
            attention: ``mask`` or ``causal`` of the attention.
        """
        return self.feed_forward(self.attend(x, rows, **attention))

    def attend(
        self, x: Tensor, rows: RowSelector | None = None, **attention: Any
    ) -> Tensor:
        """Add self-attention: the first half of the block."""
        y = self.ln_1(x)
        if rows is None:
            return x + self.attn(y, **attention)
        return rows(x) + self.attn(y, query=rows(y), **attention)


AnyBlock = TypeVar('AnyBlock', bound=BlockWeights)
BlockFactory = Callable[[int, int, bool, AttentionFactory], BlockWeights]


class Transformer(nn.Module, Generic[AnyBlock]):
    """A stack of blocks whose last one computes only the rows it returns.

    CLIP reads one token of its last layer (class token or EOT), so the other
    rows of that layer need no query and no MLP. This is exact.

    Args:
        width: Channels D.
        layers: Number of blocks.
        heads: Heads.
        quick_gelu: Whether the MLPs use QuickGELU instead of GELU.
        attention: Builds the attention of each block from (width, heads).
        with_cp: Whether blocks are recomputed in the backward pass, which
            trades about a third more time for activation memory.
        block: Builds a block from (width, heads, quick_gelu, attention); a
            subclass of :class:`Block` puts a small module into it.
    """

    resblocks: Sequence[AnyBlock]

    def __init__(
        self,
        width: int,
        layers: int,
        heads: int,
        quick_gelu: bool,
        attention: AttentionFactory = Attention,
        with_cp: bool = False,
        block: BlockFactory = Block,
    ) -> None:
        super().__init__()
        self.with_cp = with_cp
        self.resblocks = nn.ModuleList(  # type: ignore[assignment]  # not generic
            block(width, heads, quick_gelu, attention) for _ in range(layers)
        )
        for drawn in self.resblocks:
            drawn.draw_weights(layers)

    def forward(
        self,
        x: Tensor,
        rows: RowSelector | None = None,
        rows_mask: Tensor | None = None,
        **attention: Any,
    ) -> Tensor:
        """Run all blocks.

        Args:
            x: (..., N, D).
            rows: Picks the output rows of the last block, (..., M, D); all
                if None.
            rows_mask: Attention mask of the output rows, instead of
                ``attention``, in the last block.
            attention: ``mask`` or ``causal`` of all other blocks.

        Returns:
            The output rows, (..., M, D).
        """
        *blocks, last = self.resblocks
        for block in blocks:
            x = self._run(block, x, **attention)
        if rows is None:
            return self._run(last, x, **attention)
        return self._run(last, x, rows=rows, mask=rows_mask)

    def _run(self, block: BlockWeights, x: Tensor, **kwargs: Any) -> Tensor:
        if self.with_cp and self.training:
            return checkpoint(block, x, use_reentrant=False, **kwargs)
        return block(x, **kwargs)
