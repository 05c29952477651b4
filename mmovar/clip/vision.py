"""CLIP's vision tower over the frames of a video."""

from typing import Any

import torch
from torch import Tensor, nn

from .attention import Attention
from .config import Arch, clip_config
from .transformer import (
    AttentionFactory,
    Block,
    BlockFactory,
    LayerNorm,
    Transformer,
)


class VisionTransformer(nn.Module):
    """CLIP's ViT on videos (B, T, 3, H, W), one feature per frame.

    Parameter names are CLIP's ``visual.*`` without the prefix. With the plain
    attention, frames do not see each other; a temporal model passes another
    ``attention``, which gets all tokens as (B, T, N, D).

    Args:
        arch: Model name or sizes, see :func:`clip_config`.
        attention: Builds the attention of each block from (width, heads).
        with_cp: Whether blocks are recomputed in the backward pass.
        block: Builds a block, see :class:`Transformer`.
    """

    def __init__(
        self,
        arch: Arch,
        attention: AttentionFactory = Attention,
        with_cp: bool = False,
        block: BlockFactory = Block,
    ) -> None:
        super().__init__()
        config = clip_config(arch)
        size = config.vision
        width, scale = size.width, size.width**-0.5
        self.image_size = size.image_size
        self.conv1 = nn.Conv2d(
            3, width, size.patch_size, stride=size.patch_size, bias=False
        )
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(
            scale * torch.randn(size.num_tokens, width)
        )
        self.ln_pre = LayerNorm(width)
        self.transformer: Transformer[Any] = Transformer(
            width,
            size.layers,
            size.heads,
            config.quick_gelu,
            attention,
            with_cp,
            block,
        )
        self.ln_post = LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, config.embed_dim))

    def embed(self, video: Tensor) -> Tensor:
        """Turn frames (B, T, 3, H, W) into tokens (B, T, N, width)."""
        if video.shape[-2:] != (self.image_size, self.image_size):
            raise ValueError(
                f'frames are {tuple(video.shape[-2:])}, this tower takes '
                f'{(self.image_size, self.image_size)}'
            )
        patches = self.conv1(video.flatten(0, 1)).flatten(2).transpose(1, 2)
        cls_token = self.class_embedding.to(patches.dtype)
        cls_token = cls_token.expand(len(patches), 1, -1)
        x = torch.cat([cls_token, patches], dim=1)
        x = x.unflatten(0, video.shape[:2])
        return self.ln_pre(self.add_positions(x))

    def add_positions(self, x: Tensor) -> Tensor:
        """Add the place in the frame to tokens (B, T, N, width)."""
        return x + self.positional_embedding.to(x.dtype)

    def class_tokens(self, video: Tensor) -> Tensor:
        """Turn frames (B, T, 3, H, W) into class tokens (B, T, width).

        They are those of the last layer, before its norm and projection.
        """
        x = self.transformer(self.embed(video), rows=_class_token)
        return x.squeeze(-2)

    def encode_frames(self, video: Tensor) -> Tensor:
        """Encode each frame.

        Args:
            video: Normalised frames, (B, T, 3, H, W).

        Returns:
            Projected class tokens (B, T, D), not normalised.

        Raises:
            ValueError: If the frames are not of the tower's size.
        """
        return self.ln_post(self.class_tokens(video)) @ self.proj


def _class_token(x: Tensor) -> Tensor:
    return x[..., :1, :]
