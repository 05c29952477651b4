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
        keys, values = self.keys_and_values(x, context)
        return self.attend(x if query is None else query, keys, values)

    def keys_and_values(
        self, x: Tensor, context: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Project the tokens of each frame, followed by the context.

        Args:
            x: (B, T, N, D).
            context: (B, K, D), or None.

        Returns:
            Two of (B, T, N + K, h, d), d with the channels of the bias.
        """
        rows = slice(x.shape[-1], None)
        local_bias, global_bias = self._bias()
        kv = F.linear(x, *self._projection(rows, local_bias))
        if context is not None:
            context = F.linear(context, *self._projection(rows, global_bias))
            context = context.unsqueeze(1).expand(-1, x.shape[1], -1, -1)
            kv = torch.cat([kv, context], dim=2)
        return kv.unflatten(-1, (2, self.heads, -1)).unbind(-3)

    def attend(self, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Attend from rows (B, T, M, D) with :meth:`keys_and_values`."""
        q = self._queries(query)
        q, keys, values = (
            t.flatten(0, 1).transpose(1, 2) for t in (q, keys, values)
        )
        out = F.scaled_dot_product_attention(
            q, keys, values, scale=self._scale
        )
        out = out[..., : self._channels].transpose(1, 2).flatten(-2)
        return self.out_proj(out.unflatten(0, query.shape[:2]))

    def attention_row(self, query: Tensor, keys: Tensor) -> Tensor:
        """Softmax of one row of each frame, without gradient.

        Args:
            query: The row, (B, T, 1, D).
            keys: (B, T, N + K, h, d), see :meth:`keys_and_values`.

        Returns:
            (B, T, h, N + K); float32 where the input is of half precision.
        """
        with torch.no_grad():
            q = self._queries(query)
        with full_precision(q, keys) as (q, keys):
            logits = torch.einsum('bthd,btnhd->bthn', q.squeeze(2), keys)
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

    def _bias(self) -> tuple[Tensor | None, Tensor | None]:
        """Return local and global bias of the keys, (h, 1) each."""
        if self.local_global_bias_table is None:
            return None, None
        local_bias, global_bias = self.local_global_bias_table.unbind(dim=-1)
        return local_bias, global_bias

    def _queries(self, query: Tensor) -> Tensor:
        """Project rows (B, T, M, D) to (B, T, M, h, d)."""
        bias, _ = self._bias()
        if bias is not None:
            bias = torch.full_like(bias, self._scale**-1)
        q = F.linear(query, *self._projection(slice(query.shape[-1]), bias))
        return q.unflatten(-1, (self.heads, -1))

    def _projection(
        self, rows: slice, bias: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Weight and bias of some projections, with the bias channels.

        Widening the projection is cheaper than widening what it projects.

        Args:
            rows: Of the packed projection: queries, or keys and values.
            bias: Content of the channel, (h, 1); None for no channel.
        """
        weight, offset = self.in_proj_weight[rows], self.in_proj_bias[rows]
        if bias is None:
            return weight, offset
        weight = weight.unflatten(0, (-1, self._channels))
        weight = F.pad(weight, (0, 0, 0, _BIAS_CHANNELS))
        offset = offset.unflatten(0, (-1, self._channels))
        # values, the second half if there are two, have an empty channel
        channel = F.pad(bias, (0, 0, 0, len(offset) - self.heads))
        offset = torch.cat([offset, channel], dim=1)
        offset = F.pad(offset, (0, _BIAS_CHANNELS - 1))
        return weight.flatten(0, 1), offset.flatten()
