"""A block whose frames send each other messages."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mmovar.clip import (
    Attention,
    AttentionFactory,
    Block,
    LayerNorm,
    RowSelector,
)


class MessageBlock(Block):
    r"""CLIP's block with one message token a frame.

    The class token of each frame is projected to a message; messages attend
    to each other over time, without positions:

    .. math::
        m_t &= W \text{cls}_t, \quad
        \hat m = m + \text{MHA}(\text{LN}(m))

    and the frame's tokens attend to themselves and to :math:`\hat m_t`. It
    is a key and a value only: what it would become itself is dropped.

    Names of the parameters are those of X-CLIP's release, ``message_*``
    beside CLIP's own.

    Source: X-CLIP (ECCV 2022), section 3.2, Eqs. 4 to 6, and its code.

    Args:
        width: Channels D.
        heads: Heads, of the message attention also.
        quick_gelu: Whether the MLP uses QuickGELU instead of GELU.
        attention: Builds the attention in a frame from (width, heads).
    """

    def __init__(
        self,
        width: int,
        heads: int,
        quick_gelu: bool,
        attention: AttentionFactory = Attention,
    ) -> None:
        super().__init__(width, heads, quick_gelu, attention)
        self.message_fc = nn.Linear(width, width)
        self.message_ln = LayerNorm(width)
        self.message_attn = nn.MultiheadAttention(
            width, heads, batch_first=True
        )

    def messages(self, x: Tensor) -> Tensor:
        """Exchange the messages of frames (B, T, N, D), (B, T, 1, D)."""
        message = self.message_fc(x[..., 0, :])
        y = self.message_ln(message)
        heard, _ = self.message_attn(y, y, y, need_weights=False)
        return (message + heard).unsqueeze(-2)

    def attend(
        self, x: Tensor, rows: RowSelector | None = None, **attention: Any
    ) -> Tensor:
        """Attend to the tokens of the frame and to its message."""
        x = torch.cat([x, self.messages(x)], dim=-2)
        return super().attend(x, _without_message(rows), **attention)


def _without_message(rows: RowSelector | None) -> Callable[[Tensor], Tensor]:
    def pick(x: Tensor) -> Tensor:
        x = x[..., :-1, :]
        return x if rows is None else rows(x)

    return pick
