"""CLIP's vision tower as a backbone of MMAction2."""

from pathlib import Path

from mmaction.registry import MODELS
from torch import Tensor

from mmovar.clip import (
    Attention,
    AttentionFactory,
    Block,
    BlockFactory,
    VisionTransformer,
    load_clip_state_dict,
    split_clip,
)
from mmovar.clip.config import Arch

from ..heads.fusion import VideoFeatures


@MODELS.register_module()
class CLIPViT(VisionTransformer):
    """CLIP's ViT, frame by frame: the learner of ViFi-CLIP, and CLIP itself.

    Parameter names are CLIP's ``visual.*`` without the prefix. Weights are
    loaded when the module is built, so that testing needs no checkpoint.

    Args:
        arch: open_clip model name or sizes, see
            :func:`mmovar.clip.clip_config`.
        weights: CLIP weights, see :func:`mmovar.clip.load_clip_state_dict`;
            None leaves them random or to the recognizer.
        pooled: Whether to return the mean over frames, for linear heads such
            as MMAction2's ``TimeSformerHead``.
        with_cp: Whether blocks are recomputed in the backward pass.
        attention: Builds the attention of a block, see
            :class:`mmovar.clip.VisionTransformer`; for temporal models.
        block: Builds a block, likewise.
    """

    def __init__(
        self,
        arch: Arch,
        weights: str | Path | None = None,
        pooled: bool = False,
        with_cp: bool = False,
        *,
        attention: AttentionFactory = Attention,
        block: BlockFactory = Block,
    ) -> None:
        super().__init__(arch, attention, with_cp, block)
        self.pooled = pooled
        if weights is not None:
            self._load_clip(weights, arch)

    def _load_clip(self, weights: str | Path, arch: Arch) -> None:
        clip = split_clip(load_clip_state_dict(weights, arch))
        # parameters that CLIP lacks stay as drawn
        keys = self.load_state_dict(clip.visual, strict=False)
        if keys.unexpected_keys:
            raise ValueError(
                f'{type(self).__name__} has no place for CLIP weights '
                f'{keys.unexpected_keys[:3]}'
            )

    def forward(self, x: Tensor) -> VideoFeatures:
        """Encode clips.

        Args:
            x: Normalised clips in MMAction2's order, (B, 3, T, H, W).

        Returns:
            Frame features (B, T, D), not normalised, or their mean (B, D).
        """
        features = self.encode_frames(x.transpose(1, 2))
        return features.mean(dim=1) if self.pooled else features
