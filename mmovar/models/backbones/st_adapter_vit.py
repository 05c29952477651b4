"""ST-Adapter: a frozen CLIP vision tower with adapters over time."""

from collections.abc import Sequence
from functools import partial

from mmaction.registry import MODELS
from torch import Tensor

from mmovar.clip import clip_config
from mmovar.clip.config import Arch

from ..heads.fusion import VideoFeatures
from .clip_vit import CLIPViT
from .st_adapter import STAdapterBlock


@MODELS.register_module()
class STAdapterViT(CLIPViT):
    """CLIP's ViT with depth-wise convolutions over time in its blocks.

    At initialisation it encodes frame by frame, exactly as ``CLIPViT``. To
    tune the adapters only, give the recognizer ``trainable=['adapter']``.
    The adapter before the last MLP changes patches that nothing reads; it is
    there for its parameters, which the released checkpoints have, and costs
    nothing.

    Source: ST-Adapter (NeurIPS 2022). Deliberate difference: frames are read
    as CLIP reads them, for text; ``closed_set`` reads as the paper does.

    Args:
        arch: As in :class:`CLIPViT`.
        before: Where in each block the adapters are: ``['mlp']`` is the
            paper's 12 adapters in ViT-B/16 (Kinetics), ``['attn', 'mlp']``
            its 24 (Something-Something).
        adapter_width: Channels of the convolutions; None is half the width.
        closed_set: Whether to return the norm of the mean class token, for
            linear heads.
        kwargs: As :class:`CLIPViT`.

    Raises:
        ValueError: If ``before`` names another place.
    """

    def __init__(
        self,
        arch: Arch,
        *args,
        before: Sequence[str] = ('mlp',),
        adapter_width: int | None = None,
        closed_set: bool = False,
        **kwargs,
    ) -> None:
        block = partial(
            STAdapterBlock,
            before=before,
            adapter_width=adapter_width or clip_config(arch).vision.width // 2,
        )
        super().__init__(arch, *args, block=block, **kwargs)
        self.closed_set = closed_set

    def forward(self, x: Tensor) -> VideoFeatures:
        """Encode clips.

        Args:
            x: Normalised clips, (B, 3, T, H, W).

        Returns:
            Frame features (B, T, D), not normalised, or their mean (B, D);
            with ``closed_set`` one feature a clip, (B, width).
        """
        if not self.closed_set:
            return super().forward(x)
        return self.ln_post(self.class_tokens(x.transpose(1, 2)).mean(dim=1))
