"""CLIP's self-attention, over the fused kernel of torch."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class AttentionWeights(nn.Module):
    """Weights of multi-head self-attention with CLIP's parameter names.

    The names are those of ``nn.MultiheadAttention``: ``in_proj_weight``
    (3D, D), ``in_proj_bias`` (3D,), ``out_proj``.

    Args:
        width: Channels D.
        heads: Heads; divides ``width``.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)


class Attention(AttentionWeights):
    """Multi-head self-attention; see :class:`AttentionWeights`.

    Leading dimensions are batch: a vision tower passes ``(B, T, N, D)``, a
    text tower ``(B, L, D)``. Subclasses that let frames see each other
    override :meth:`attend`.
    """

    def forward(
        self,
        x: Tensor,
        query: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Attend from ``query`` to ``x``.

        Args:
            x: Keys and values, (..., N, D).
            query: Rows to compute, (..., M, D); all of ``x`` if None.
            mask: True where a key is seen, broadcasts to (..., h, M, N).
            causal: Whether row i sees keys 0..i only; needs all rows.

        Returns:
            (..., M, D).
        """
        q, k, v = self.project(x, query)
        out = self.attend(q, k, v, mask, causal)
        return self.out_proj(out.flatten(-2))

    def project(
        self, x: Tensor, query: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Project to q (..., M, h, d) and k, v (..., N, h, d)."""
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if query is None:
            q, k, v = self._split_heads(F.linear(x, weight, bias), 3)
            return q, k, v
        width = x.shape[-1]
        q = F.linear(query, weight[:width], bias[:width])
        kv = F.linear(x, weight[width:], bias[width:])
        k, v = self._split_heads(kv, 2)
        return q.unflatten(-1, (self.heads, -1)), k, v

    def _split_heads(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """Split (..., N, parts D) into parts (..., N, h, d)."""
        # heads first: the gradients of the parts are then joined in one copy
        return x.unflatten(-1, (parts, self.heads, -1)).unbind(-3)

    def attend(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Mix the values of :meth:`project`, out (..., M, h, d)."""
        lead = q.shape[:-3]
        q, k, v = (t.flatten(0, -4).transpose(1, 2) for t in (q, k, v))
        out = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=causal
        )
        return out.transpose(1, 2).unflatten(0, lead)
