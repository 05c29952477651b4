"""What the attention of a vision tower computed for one clip."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .interfaces import VisionTower


@dataclass(frozen=True)
class LayerAttention:
    """Attention of one layer in one clip, averaged over its heads.

    A clip has T frames of N tokens (class token, then patches). A frame sees
    a window of W frames: 1, or 3 where frames see their neighbours.

    Attributes:
        weights: To the tokens of the frames in the window, (T, M, W, N). Of
            the M rows the first is the class token's, and if all tokens have
            one the others are theirs, in order.
        frames: Which frames are in the window, (T, W); -1 for none.
        others: To all other keys, (T, M, K): context tokens, prompts,
            messages.
    """

    weights: Tensor
    frames: Tensor
    others: Tensor


@contextmanager
def record_attention(
    tower: VisionTower, class_token_only: bool = False
) -> Iterator[list[LayerAttention]]:
    """Record the attention of each block while a tower encodes one clip.

    Calls of the fused kernel are watched: this is what was computed, with all
    borders, masks and biases, whatever attention the tower has. The numbers
    of the tower do not change; the softmax is computed a second time, in
    float32.

    Args:
        tower: ``CLIPViT`` or a subclass. The attention in frames must be the
            last one of its blocks.
        class_token_only: Whether to record the row of the class token only.

    Yields:
        A list that fills while the tower runs, first layer first.
    """
    tokens = tower.positional_embedding.shape[-2]
    layers: list[LayerAttention] = []
    kernel = _WatchedKernel(class_token_only)

    def note(block: Any, *_: Any) -> None:
        layers.append(_layer(block.attn, kernel.latest, tokens))

    handles = [
        block.register_forward_hook(note)
        for block in tower.transformer.resblocks
    ]
    try:
        # compiled blocks call no function that can be watched
        eager = torch.compiler.set_stance('force_eager')
        with eager, kernel, torch.no_grad():
            yield layers
    finally:
        for handle in handles:
            handle.remove()


class _WatchedKernel(TorchFunctionMode):
    """Keeps the softmax of the latest call of the fused kernel."""

    latest: Tensor

    def __init__(self, first_row: bool) -> None:
        super().__init__()
        self.first_row = first_row

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is F.scaled_dot_product_attention:
            self.latest = self._softmax(*args, **kwargs)
        return func(*args, **kwargs)

    def _softmax(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        scale: float | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        if is_causal:
            raise ValueError('a vision tower has no causal attention')
        if self.first_row:
            query = query[..., :1, :]
        scale = query.shape[-1] ** -0.5 if scale is None else scale
        with torch.autocast(query.device.type, enabled=False):
            logits = scale * query.float() @ key.float().transpose(-1, -2)
        if attn_mask is not None and attn_mask.dtype == torch.bool:
            logits = logits.masked_fill(~attn_mask, -torch.inf)
        elif attn_mask is not None:
            logits = logits + attn_mask
        return logits.softmax(dim=-1)


def _layer(
    attention: nn.Module, weights: Tensor, tokens: int
) -> LayerAttention:
    """Average heads and sort the keys, of weights (T, h, M, keys)."""
    border = getattr(attention, 'border', None)
    if border is None:
        weights = weights.mean(dim=1)
        frames = torch.arange(len(weights))[:, None]
        own, others = weights[..., :tokens], weights[..., tokens:]
        return LayerAttention(own.unsqueeze(2), frames, others)
    # NeighborAttention has heads first, (h, T, M, 3N)
    weights = weights.mean(dim=0)
    count = len(weights)
    frames = torch.arange(count)[:, None] + torch.arange(-1, 2)
    if border == 'clamp':
        frames = frames.clamp(0, count - 1)
    else:
        frames[0, 0] = frames[-1, 2] = -1
    weights = weights.unflatten(-1, (3, tokens))
    return LayerAttention(weights, frames, weights[..., 0, :0])
