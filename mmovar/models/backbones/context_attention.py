"""Attention over a frame's own tokens and the context tokens of its video."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmovar.clip import AttentionWeights

from ..context.precision import full_precision

# one channel carries the bias; kernels of GPUs want multiples of eight
_BIAS_CHANNELS = 8


class ContextAttention(AttentionWeights):
    r"""Self-attention of each frame with context tokens as more keys.

    Context tokens are keys and values only, they issue no queries. Each head
    adds a learned number to the logits of the frame's own keys and another
    to those of the context keys, for all queries alike.

    The two numbers ride in one more channel of queries
    (:math:`\sqrt{d}`) and keys (the number). This is exact, keeps the fused
    kernel, and gives them a gradient, which a mask in that kernel does not.

    Source: TC-CLIP (ECCV 2024), section 3.2, equations 9 and 10.

    Args:
        width: Channels D.
        heads: Heads h; divides ``width``.
    """

    local_global_bias_table: nn.Parameter | None

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.register_parameter('local_global_bias_table', None)

    def add_bias(self) -> None:
        """Create ``local_global_bias_table`` (h, 1, 2): local, global."""
        table = torch.empty(self.heads, 1, 2)
        nn.init.trunc_normal_(table, std=0.02)
        self.local_global_bias_table = nn.Parameter(table)

    def forward(
        self,
        x: Tensor,
        query: Tensor | None = None,
        context: Tensor | None = None,
    ) -> Tensor:
        """Attend from ``query`` to its frame and to the video's context.

        Args:
            x: Tokens of the frames, (B, T, N, D).
            query: Rows to compute, (B, T, M, D); all of ``x`` if None.
            context: Context tokens (B, K, D), or None.

        Returns:
            (B, T, M, D).
        """
        return self.attend(*self.project(x, context, query))

    def project(
        self,
        x: Tensor,
        context: Tensor | None = None,
        query: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Project the tokens of each frame, followed by the context.

        Args:
            x: (B, T, N, D).
            context: (B, K, D), or None.
            query: Rows (B, T, M, D); all of ``x`` if None.

        Returns:
            Queries (B, T, M, h, d), keys and values (B, T, N + K, h, d), d
            with the channels of the bias.
        """
        weight, local_offset, global_offset = self._projection()
        third = len(weight) // 3
        # one product for all three is no faster: its gradient is a copy more
        query = x if query is None else query
        q = F.linear(query, weight[:third], local_offset[:third])
        kv = F.linear(x, weight[third:], local_offset[third:])
        if context is not None:
            z = F.linear(context, weight[third:], global_offset[third:])
            z = z.unsqueeze(1).expand(-1, x.shape[1], -1, -1)
            kv = torch.cat([kv, z], dim=2)
        keys, values = kv.unflatten(-1, (2, self.heads, -1)).unbind(-3)
        return q.unflatten(-1, (self.heads, -1)), keys, values

    def attend(self, q: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Attend from queries to keys, see :meth:`project`; (B, T, M, D)."""
        lead = q.shape[:2]
        q, keys, values = (
            t.flatten(0, 1).transpose(1, 2) for t in (q, keys, values)
        )
        out = F.scaled_dot_product_attention(
            q, keys, values, scale=self._scale
        )
        out = out[..., : self._channels].transpose(1, 2).flatten(-2)
        return self.out_proj(out.unflatten(0, lead))

    def attention_row(self, query: Tensor, keys: Tensor) -> Tensor:
        """Softmax of one row of each frame, without gradient.

        Args:
            query: The row, (B, T, h, d), see :meth:`project`.
            keys: (B, T, N + K, h, d).

        Returns:
            (B, T, h, N + K); float32 where the input is of half precision.
        """
        with full_precision(query, keys) as (query, keys):
            logits = torch.einsum('bthd,btnhd->bthn', query, keys)
            return (logits * self._scale).softmax(dim=-1)

    def without_bias_channels(self, keys: Tensor) -> Tensor:
        """Cut the channels that carry the bias off (..., h, d)."""
        return keys[..., : self._channels]

    @property
    def _channels(self) -> int:
        return self.out_proj.in_features // self.heads

    @property
    def _scale(self) -> float:
        return self._channels**-0.5

    def _projection(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the packed projection, with the channels of the bias.

        Widening the projection is cheaper than widening what it projects.

        Returns:
            Weight (3 h d, D), its offset for tokens of the frames and that
            for context tokens, (3 h d,).
        """
        weight: Tensor = self.in_proj_weight
        offset: Tensor = self.in_proj_bias
        if self.local_global_bias_table is None:
            return weight, offset, offset
        parts = (3 * self.heads, self._channels)
        weight = F.pad(weight.unflatten(0, parts), (0, 0, 0, _BIAS_CHANNELS))
        # queries and values have a constant; that of the values is cut off
        channel = F.pad(
            self.local_global_bias_table.transpose(0, 2),
            (self.heads, self.heads),
            value=self._scale**-1,
        )
        offset = offset.unflatten(0, parts).expand(2, -1, -1)
        offset = torch.cat([offset, channel.transpose(1, 2)], dim=-1)
        offset = F.pad(offset, (0, _BIAS_CHANNELS - 1))
        local_offset, global_offset = offset.flatten(1)
        return weight.flatten(0, 1), local_offset, global_offset
