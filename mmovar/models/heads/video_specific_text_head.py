"""X-CLIP's head: text features prompted by the video."""

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip import LayerNorm, clip_config
from mmovar.clip.config import Arch

from .fusion import VideoFeatures
from .prompt_generator import PromptGenerator
from .raw_text_head import RawTextHead


@MODELS.register_module()
class VideoSpecificTextHead(RawTextHead):
    r"""Condition the class features on the video by cross-attention.

    .. math::
        \hat c_v = c + \alpha \cdot G(c, Z_v)

    with the raw text feature c of a class and the patches Z of the video,
    averaged over time; :class:`PromptGenerator` is G. The text is encoded
    once while its tower is frozen, as in all of X-CLIP's settings; what it
    becomes for a video costs two small layers.

    Needs a backbone that returns frames and patches, such as ``XCLIPViT``.
    :attr:`text_features` and :meth:`encode_text` are what is the same for
    all videos, c; the first is not normalised here.

    Names of the parameters are those of X-CLIP's release, ``prompts_*``.

    Source: X-CLIP (ECCV 2022), section 3.3, Eqs. 9 to 11. The projection of
    the patches is drawn unscaled as in its code; a norm follows.

    Args:
        arch: open_clip model name or sizes, see
            :func:`mmovar.clip.clip_config`.
        layers: Layers of the generator.
        heads: Heads of the generator; None is one per 64 channels.
        alpha: Initial weight of the prompt, in each channel.
        kwargs: As :class:`TextHead`. X-CLIP's are ``templates='bare'``,
            ``fusion='mean_embedding'`` and ``logit_scale_trainable=False``.

    Raises:
        ValueError: As :class:`TextHead`, or if ``layers`` is below 1 or
            ``heads`` does not divide the joint dimension; in a forward pass,
            if the backbone returns no patches.
    """

    def __init__(
        self,
        arch: Arch,
        *args,
        layers: int = 2,
        heads: int | None = None,
        alpha: float = 0.1,
        **kwargs,
    ) -> None:
        super().__init__(arch, *args, **kwargs)
        config = clip_config(arch)
        width, dim = config.vision.width, config.embed_dim
        self.prompts_visual_ln = LayerNorm(width)
        self.prompts_visual_proj = nn.Parameter(torch.randn(width, dim))
        self.prompts_generator = PromptGenerator(dim, layers, heads, alpha)

    def text_for(self, x: VideoFeatures) -> Tensor:
        """Encode the class names for each clip; unit norm, (B, C, D).

        Args:
            x: Frame features (B, T, D) and patches (B, T, P, width).
        """
        if not isinstance(x, tuple):
            raise ValueError(
                'VideoSpecificTextHead needs the patches of the video: a '
                'backbone that returns (frames, patches), such as XCLIPViT'
            )
        # a projection is linear: average first
        video = self.prompts_visual_ln(x[1]).mean(dim=1)
        video = video @ self.prompts_visual_proj
        text = self.text_features
        return F.normalize(text + self.prompts_generator(text, video), dim=-1)
