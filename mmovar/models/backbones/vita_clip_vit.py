"""Vita-CLIP: a frozen CLIP vision tower with prompts of the video."""

from functools import partial

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip import clip_config
from mmovar.clip.config import Arch

from .clip_vit import CLIPViT
from .video_prompts import VideoPromptBlock


@MODELS.register_module()
class VitaCLIPViT(CLIPViT):
    """CLIP's ViT with local, global and summary prompts in its layers.

    Frames get a temporal position, and each layer prompt tokens of its own,
    see :class:`VideoPrompts`. To tune what the paper tunes, give the
    recognizer ``trainable=['prompts.', 'time_embed', ...]``. From the start
    it differs from CLIP: prompts are keys, whatever their values.

    The convolution of the patches has a bias, as in the release, where it is
    frozen at CLIP's: zero.

    Source: Vita-CLIP (CVPR 2023), section 3.2, and its released code.

    Args:
        arch: As in :class:`CLIPViT`.
        num_frames: Frames T of a clip. Local prompts and temporal positions
            are T each, so weights fit one T only.
        num_global: Global prompts of a layer.
        cls_proj: ``'frozen'`` or ``'trained'``: the projection of the class
            token in front of local prompts and summary. The released code
            never trains it, so it stays a random matrix there; the paper
            does not say.
        kwargs: As :class:`CLIPViT`.

    Raises:
        ValueError: If ``cls_proj`` is neither, or ``num_frames`` is below 1,
            or ``num_global`` below 0; in the forward pass, if clips have
            another number of frames.
    """

    def __init__(
        self,
        arch: Arch,
        *args,
        num_frames: int = 8,
        num_global: int = 8,
        cls_proj: str = 'frozen',
        **kwargs,
    ) -> None:
        if num_frames < 1 or num_global < 0:
            raise ValueError(
                f'num_frames must be 1 or more and num_global 0 or more, got '
                f'{num_frames} and {num_global}'
            )
        size = clip_config(arch).vision
        block = partial(
            VideoPromptBlock,
            num_frames=num_frames,
            num_global=num_global,
            bound=(6 / (3 * size.patch_size**2 + size.width)) ** 0.5,
            cls_proj=cls_proj,
        )
        super().__init__(arch, *args, block=block, **kwargs)
        self.conv1.bias = nn.Parameter(torch.zeros(size.width))
        self.time_embed = nn.Parameter(
            0.02 * torch.randn(num_frames, size.width)
        )

    def add_positions(self, x: Tensor) -> Tensor:
        """Add the place in frame and clip to tokens (B, T, N, width)."""
        if x.shape[1] != len(self.time_embed):
            raise ValueError(
                f'clips have {x.shape[1]} frames, this tower is built for '
                f'num_frames={len(self.time_embed)}'
            )
        time = self.time_embed.to(x.dtype)[:, None]
        return super().add_positions(x) + time
