"""Cross-attention from the text of the classes to a video."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmovar.clip import LayerNorm, QuickGELU
from mmovar.clip.config import HEAD_WIDTH


class PromptGenerator(nn.Module):
    """X-CLIP's generator of video-specific prompts.

    Layers of cross-attention and MLP, with residuals, from text to video;
    what comes out is weighed channel by channel.

    Args:
        width: Channels D of text and video.
        layers: Number of layers.
        heads: Heads; None is one per 64 channels.
        alpha: Initial weight of the output.

    Raises:
        ValueError: If ``layers`` is below 1, ``heads`` does not divide
            ``width``, or ``alpha`` is not finite.
    """

    def __init__(
        self,
        width: int,
        layers: int = 2,
        heads: int | None = None,
        alpha: float = 0.1,
    ) -> None:
        super().__init__()
        heads = heads or max(width // HEAD_WIDTH, 1)
        if layers < 1:
            raise ValueError(f'layers must be >= 1, got {layers}')
        if not math.isfinite(alpha):
            raise ValueError(f'alpha must be finite, got {alpha}')
        if width % heads:
            raise ValueError(f'{heads} heads do not divide width {width}')
        self.norm = LayerNorm(width)
        self.decoder = nn.ModuleList(
            _Layer(width, heads) for _ in range(layers)
        )
        self.alpha = nn.Parameter(alpha * torch.ones(width))

    def forward(self, text: Tensor, video: Tensor) -> Tensor:
        """Make the prompts.

        Args:
            text: Text features, the same for all clips (C, D) or one a clip
                (B, C, D).
            video: Tokens of each clip, (B, N, D).

        Returns:
            (B, C, D).
        """
        video = self.norm(video)
        for layer in self.decoder:
            text = layer(text, video)
        return self.alpha * text


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.cross_attn = _CrossAttention(width, heads)
        self.norm1 = LayerNorm(width)
        self.norm3 = LayerNorm(width)
        # place 2 is a dropout of rate 0 in the release
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width),
            QuickGELU(),
            nn.Identity(),
            nn.Linear(4 * width, width),
        )

    def forward(self, text: Tensor, video: Tensor) -> Tensor:
        text = text + self.cross_attn(self.norm1(text), video)
        return text + self.mlp(self.norm3(text))


class _CrossAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.proj = nn.Linear(width, width)

    def forward(self, text: Tensor, video: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(-2, -3)
            for part in (
                self.q_proj(text),
                self.k_proj(video),
                self.v_proj(video),
            )
        )
        # the queries of the first layer are the same for all clips
        q = q.expand(len(k), *q.shape[-3:])
        out = F.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(-2, -3).flatten(-2))
