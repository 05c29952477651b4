"""CLIP's vision tower with learnable prompt tokens in its layers."""

from typing import Any

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip import Block, RowSelector, Transformer

from .clip_vit import CLIPViT


@MODELS.register_module()
class PromptedCLIPViT(CLIPViT):
    """CLIP's ViT with deep prompts: the vision side of VL prompting.

    Each frame gets ``n_ctx`` learnable tokens behind its patches. They have
    no position and pass ``ln_pre``. Each of the first ``depth`` layers has
    its own, which replace those that come out of the layer before; behind
    these layers they flow on. The frame feature is that of the class token.

    Prompts are ``VPT`` (n_ctx, width) of the first layer and
    ``transformer.resblocks.{i}.VPT_shallow`` of layer i = 1..depth - 1. To
    tune nothing else, tell the recognizer ``trainable=['VPT']``, and what is
    tuned of the text.

    Tokens that the next layer would replace are keys and values of their
    layer only, the rest of the layer is not computed for them. This is exact.

    Source: ViFi-CLIP (CVPR 2023), section 5, and its released code. That
    code rounds the deep prompts to half precision on the fly, this does not.

    Args:
        args: As :class:`CLIPViT`.
        n_ctx: Prompt tokens of a layer, 1 or more.
        depth: Layers with prompts of their own, 1 to all of the tower.
        kwargs: As :class:`CLIPViT`.

    Raises:
        ValueError: If ``n_ctx`` or ``depth`` is out of range.
    """

    transformer: 'Transformer[PromptedBlock]'

    def __init__(
        self, *args: Any, n_ctx: int = 10, depth: int = 12, **kwargs: Any
    ) -> None:
        super().__init__(*args, block=PromptedBlock, **kwargs)
        blocks = self.transformer.resblocks
        if n_ctx < 1:
            raise ValueError(f'n_ctx must be 1 or more, got {n_ctx}')
        if not 1 <= depth <= len(blocks):
            raise ValueError(
                f'depth {depth} of the vision prompts is not in 1..'
                f'{len(blocks)}, the layers of the tower'
            )
        width = self.conv1.out_channels
        self.VPT = _draw_prompts(n_ctx, width)
        for i, block in enumerate(blocks[:depth]):
            if i > 0:
                block.VPT_shallow = _draw_prompts(n_ctx, width)
            if i < depth - 1:
                block.unread = n_ctx

    def embed(self, video: Tensor) -> Tensor:
        """Turn frames (B, T, 3, H, W) into tokens (B, T, N + n_ctx, width)."""
        return _append(super().embed(video), self.ln_pre(self.VPT))


class PromptedBlock(Block):
    """A block that may have prompts of its own.

    ``VPT_shallow``, if not None, is put behind its tokens. The last
    ``unread`` tokens, which nobody reads, are not in the output.

    Args:
        args: As :class:`Block`.
    """

    VPT_shallow: nn.Parameter | None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.register_parameter('VPT_shallow', None)
        self.unread = 0

    def forward(
        self, x: Tensor, rows: RowSelector | None = None, **attention: Any
    ) -> Tensor:
        """Run the block, see :meth:`Block.forward`."""
        if self.VPT_shallow is not None:
            x = _append(x, self.VPT_shallow)
        if rows is None and self.unread:
            rows = self._read_tokens
        return super().forward(x, rows=rows, **attention)

    def _read_tokens(self, x: Tensor) -> Tensor:
        return x[..., : -self.unread, :]


def _draw_prompts(count: int, width: int) -> nn.Parameter:
    return nn.Parameter(0.02 * torch.randn(count, width))


def _append(x: Tensor, prompts: Tensor) -> Tensor:
    """Put prompts (n, D) behind tokens (..., N, D)."""
    prompts = prompts.to(x.dtype).expand(*x.shape[:-2], -1, -1)
    return torch.cat([x, prompts], dim=-2)
