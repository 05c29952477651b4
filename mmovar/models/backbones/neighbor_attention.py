"""Attention over the keys and values of the neighbouring frames."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmovar.clip import Attention

BORDERS = ('zero', 'clamp', 'mask')


class NeighborAttention(Attention):
    """Self-attention whose keys and values come from frames t-1, t, t+1.

    Open-VCLIP's temporal attention: no parameter is added, queries stay in
    their frame, and each of them sees 3N keys. Frames lie one behind the
    other in memory, so the window of a frame is a view: keys and values are
    written once, with one frame of border on each side, not three times.

    Source: Open-VCLIP (ICML 2023), section 3.1. The paper is silent about
    the first and the last frame; ``'zero'`` is what its released code does.

    Args:
        width: Channels D.
        heads: Heads h.
        border: The missing neighbours of the first and last frame. ``'zero'``:
            zero keys and values, which take part in the softmax; ``'clamp'``:
            the border frame once more; ``'mask'``: no keys at all.

    Raises:
        ValueError: If ``border`` is none of these.
    """

    def __init__(self, width: int, heads: int, border: str = 'zero') -> None:
        super().__init__(width, heads)
        if border not in BORDERS:
            raise ValueError(f'border {border!r} is none of {BORDERS}')
        self.border = border

    def attend(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Mix the values of three frames.

        Args:
            q: (B, T, M, h, d).
            k: (B, T, N, h, d).
            v: (B, T, N, h, d).
            mask: Must be None, frames hide nothing from each other.
            causal: Must be False.

        Returns:
            (B, T, M, h, d).
        """
        if mask is not None or causal:
            raise ValueError('NeighborAttention takes no mask')
        batch, frames, tokens = k.shape[:3]
        if self.border == 'mask':
            mask = _border_mask(frames, tokens, k.device)
        # (B h, T, rows, d): the kernel's "heads" are frames here, since in
        # that order the windows of all frames are one strided view
        clamp = self.border == 'clamp'
        out = F.scaled_dot_product_attention(
            q.permute(0, 3, 1, 2, 4).flatten(0, 1),
            _Windows.apply(k, clamp),
            _Windows.apply(v, clamp),
            attn_mask=mask,
        )
        return out.unflatten(0, (batch, -1)).permute(0, 2, 3, 1, 4)


class _Windows(torch.autograd.Function):
    """View frames (B, T, N, h, d) as overlapping windows (B h, T, 3N, d).

    Frames are written once, between two border frames: the first and the last
    one once more with ``clamp``, else zeros. The gradients of ``F.pad`` and
    ``Tensor.unfold`` are right but slow, hence this one.
    """

    @staticmethod
    def forward(x: Tensor, clamp: bool) -> Tensor:
        x = x.permute(0, 3, 1, 2, 4)
        batch, heads, frames, tokens, channels = x.shape
        padded = x.new_empty(batch, heads, frames + 2, tokens, channels)
        padded[:, :, 1:-1] = x
        if clamp:
            padded[:, :, 0], padded[:, :, -1] = x[:, :, 0], x[:, :, -1]
        else:
            padded[:, :, :: frames + 1].zero_()
        rows = padded.view(batch * heads, -1, channels)
        return rows.unfold(1, 3 * tokens, tokens).transpose(-1, -2)

    @staticmethod
    def setup_context(ctx, inputs: tuple, output: Tensor) -> None:
        x, ctx.clamp = inputs
        ctx.batch, ctx.tokens = x.shape[0], x.shape[2]

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple:
        grad = grad.unflatten(0, (ctx.batch, -1))
        # a frame is in its own window, in the next one, and in the one before
        before, now, after = grad.split(ctx.tokens, dim=-2)
        out = now.clone()
        out[:, :, 1:].add_(after[:, :, :-1])
        out[:, :, :-1].add_(before[:, :, 1:])
        if ctx.clamp:
            out[:, :, 0].add_(before[:, :, 0])
            out[:, :, -1].add_(after[:, :, -1])
        return out.permute(0, 2, 3, 1, 4), None


def _border_mask(frames: int, tokens: int, device: torch.device) -> Tensor:
    """True where a key is a frame of the video, (1, T, 1, 3N)."""
    visible = torch.ones(frames, 3, dtype=torch.bool, device=device)
    visible[0, 0] = visible[-1, 2] = False
    # four dimensions: the fused CPU kernel refuses masks of three
    return visible.repeat_interleave(tokens, dim=1)[None, :, None]
