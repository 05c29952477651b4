"""Vita-CLIP's prompt tokens, and CLIP's block with them."""

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

CLS_PROJ = ('frozen', 'trained')


class VideoPrompts(nn.Module):
    r"""Prompt tokens of the frames of a video: local, global, summary.

    From the class tokens :math:`c_t` of T frames,

    .. math::
        p_t &= W c_t, \quad
        \text{local}_t = l_t + p_t, \quad
        \text{summary}_t = p_t + \text{MHA}(\text{LN}(p))_t

    Each frame sees all T local prompts, the global prompts, which do not
    depend on the video, and the summary of its own.

    Source: Vita-CLIP (CVPR 2023), section 3.2, and its released code.

    Args:
        width: Channels D.
        heads: Heads of the attention over time.
        num_frames: T.
        num_global: Global prompts.
        bound: Prompts are drawn from U(-bound, bound).
        cls_proj: ``'frozen'`` leaves W as it is drawn: a buffer, as in the
            release, where no rule selects it for training; ``'trained'``
            makes it a parameter.

    Raises:
        ValueError: If ``cls_proj`` is neither.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        num_frames: int,
        num_global: int,
        bound: float,
        cls_proj: str,
    ) -> None:
        super().__init__()
        if cls_proj not in CLS_PROJ:
            raise ValueError(f'cls_proj {cls_proj!r} is none of {CLS_PROJ}')
        self.local_prompts = nn.Parameter(torch.empty(1, num_frames, width))
        self.global_prompts = nn.Parameter(torch.empty(num_global, width))
        self.cls_proj = nn.Linear(width, width)
        self.summary_ln = LayerNorm(width)
        self.summary_attn_layer = Attention(width, heads)
        self._draw_weights(bound)
        if cls_proj == 'frozen':
            _turn_into_buffers(self.cls_proj)

    def _draw_weights(self, bound: float) -> None:
        for prompts in (self.local_prompts, self.global_prompts):
            nn.init.uniform_(prompts, -bound, bound)
        attention = self.summary_attn_layer
        for weight in attention.in_proj_weight.data.chunk(3):
            nn.init.xavier_uniform_(weight)
        nn.init.xavier_uniform_(attention.out_proj.weight)
        nn.init.zeros_(attention.in_proj_bias)
        nn.init.zeros_(attention.out_proj.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Make the prompts of frames (B, T, N, D), class token first.

        Returns:
            (B, T, T + global + 1, D): local, global, summary.
        """
        message = self.cls_proj(x[:, :, 0])
        summary = message + self.summary_attn_layer(self.summary_ln(message))
        local = self.local_prompts.to(message.dtype) + message
        frames, lead = x.shape[1], x.shape[:2]
        return torch.cat(
            [
                local[:, None].expand(-1, frames, -1, -1),
                self.global_prompts.to(message.dtype).expand(*lead, -1, -1),
                summary[:, :, None],
            ],
            dim=2,
        )


class VideoPromptBlock(Block):
    """CLIP's block whose frames attend to their own tokens and the prompts.

    Prompts are keys and values only: what attention and MLP would make of
    them is dropped in the release, so it is not computed. Where they stand
    in the sequence does not matter to attention.

    Args:
        width: Channels D.
        heads: Heads.
        quick_gelu: Whether the MLP uses QuickGELU instead of GELU.
        attention: Builds the attention from (width, heads).
        prompts: Further arguments of :class:`VideoPrompts`.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        quick_gelu: bool,
        attention: AttentionFactory,
        **prompts,
    ) -> None:
        super().__init__(width, heads, quick_gelu, attention)
        self.prompts = VideoPrompts(width, heads, **prompts)

    def attend(
        self, x: Tensor, rows: RowSelector | None = None, **attention: Any
    ) -> Tensor:
        """Attend to the tokens of the frame and to the prompts."""
        frame_tokens = x.shape[-2]

        def read(tokens: Tensor) -> Tensor:
            tokens = tokens[..., :frame_tokens, :]
            return tokens if rows is None else rows(tokens)

        x = torch.cat([x, self.prompts(x).to(x.dtype)], dim=-2)
        return super().attend(x, read, **attention)


def _turn_into_buffers(module: nn.Module) -> None:
    """Keep the parameters of a module as they are, under their names."""
    for name, parameter in list(module.named_parameters()):
        delattr(module, name)
        module.register_buffer(name, parameter.detach())
