"""A transformer block that also renews the context tokens of the video."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from mmovar.clip import BlockWeights
from mmovar.clip.rows import take_rows

from ..context import Contextualizer
from .context_attention import ContextAttention


@dataclass
class ContextTrace:
    """Attention and tokens of a layer: B videos, T frames, P patches.

    Attributes:
        attention: Attention of the class token, (B, T, h, 1 + P + K): its
            frame's tokens, then the K context tokens of the layer before.
        seeds: Seed patches, (B, T, m), by falling score.
        source: Context token that each patch went to, (B, T, P); -1 where
            the patch is no seed.
        context: Context tokens at the end of the layer, (B, K, width).
    """

    attention: Tensor
    seeds: Tensor
    source: Tensor
    context: Tensor


class ContextBlock(BlockWeights):
    """Block on the frames and the context tokens of a video.

    Frames attend to themselves and to the context tokens of the layer before.
    These are then dropped: new ones are made of this layer's patches, between
    its attention and its MLP, and pass the MLP as all tokens do.

    Source: TC-CLIP (ECCV 2024), section 3.2.

    Args:
        args: As :class:`Block`, with ``ContextAttention``.
    """

    attn: ContextAttention

    def forward(
        self,
        frames: Tensor,
        context: Tensor | None,
        contextualizer: Contextualizer | None,
        all_rows: bool = True,
        traces: list[ContextTrace] | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Run the block.

        Args:
            frames: Tokens of the frames, class token first, (B, T, N, D).
            context: Context tokens of the layer before, (B, K, D), or None.
            contextualizer: Makes the context of this layer; None for none.
            all_rows: Whether all tokens of the frames are read later. If
                not, only class tokens and what the context is made of are
                computed; this is exact.
            traces: Gets the trace of this layer, if not None.

        Returns:
            Tokens of the frames, (B, T, N, D), or (B, T, 1, D) without
            ``all_rows``; and the context tokens, (B, K, D), or None.
        """
        y = self.ln_1(frames)
        z = None if context is None else self.ln_1(context)
        if contextualizer is None:
            query = None
            if not all_rows:
                frames, query = frames[:, :, :1], y[:, :, :1]
            frames = frames + self.attn(y, query, z)
            return self.feed_forward(frames), None
        q, keys, values = self.attn.project(y, z)
        attention = self.attn.attention_row(q[:, :, 0], keys)
        patch_keys = self.attn.without_bias_channels(keys)
        tokens = frames.shape[2]
        index = contextualizer.select(
            attention[..., 1:tokens], patch_keys[:, :, 1:tokens]
        )
        if not all_rows:
            rows = F.pad(index + 1, (1, 0))  # the class token and the seeds
            frames = take_rows(frames, rows)
            q = take_rows(q.flatten(-2), rows).unflatten(-1, q.shape[-2:])
        frames = frames + self.attn.attend(q, keys, values)
        seeds = frames[:, :, 1:]
        if all_rows:
            seeds = take_rows(seeds, index)
        context, source = contextualizer.merge(seeds, index)
        frames = self.feed_forward(frames if all_rows else frames[:, :, :1])
        context = self.feed_forward(context)
        if traces is not None:
            source = index.new_full(
                (*index.shape[:2], tokens - 1), -1
            ).scatter(2, index, source)
            traces.append(ContextTrace(attention, index, source, context))
        return frames, context
