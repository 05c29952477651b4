"""X-CLIP: CLIP's vision tower whose frames send each other messages."""

from mmaction.registry import MODELS
from torch import Tensor

from ..heads.fusion import VideoFeatures
from .clip_vit import CLIPViT
from .message_block import MessageBlock


@MODELS.register_module()
class XCLIPViT(CLIPViT):
    """CLIP's ViT with a cross-frame message token in every layer.

    It returns frames and patches: X-CLIP's text head reads the patches
    (:class:`~mmovar.models.VideoSpecificTextHead`), so the last layer is
    computed in all rows. Any other text head reads the frames alone; a
    :class:`~mmovar.models.TemporalTransformer` as ``neck`` is X-CLIP's
    multi-frame integration.

    Parameters beside CLIP's are ``message_*`` in each block; the messages
    are drawn, not zero, so the tower differs from CLIP from the start.

    Source: X-CLIP (ECCV 2022), section 3.2.

    Args:
        args: As :class:`CLIPViT`.
        kwargs: As :class:`CLIPViT`.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, block=MessageBlock, **kwargs)

    def forward(self, x: Tensor) -> VideoFeatures:
        """Encode clips.

        Args:
            x: Normalised clips in MMAction2's order, (B, 3, T, H, W).

        Returns:
            Frame features (B, T, D), not normalised, and the patches of the
            last layer (B, T, P, width), before its norm and projection. If
            ``pooled``, the mean of the frame features (B, D).
        """
        x = self.transformer(self.embed(x.transpose(1, 2)))
        frames = self.ln_post(x[..., 0, :]) @ self.proj
        return frames.mean(dim=1) if self.pooled else (frames, x[..., 1:, :])
