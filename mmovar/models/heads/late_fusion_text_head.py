"""TC-CLIP ablation: encoded class features attend to the video."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip import clip_config
from mmovar.clip.config import Arch

from .fusion import VideoFeatures
from .raw_text_head import RawTextHead
from .video_prompting import VideoPrompting, require_video_tokens


@MODELS.register_module()
class LateFusionTextHead(RawTextHead):
    """Let the text feature of each class attend to tokens of the video.

    The counterpart of :class:`VideoConditionalTextHead` that mixes video and
    text behind the text tower instead of inside it: one block of
    cross-attention (:class:`VideoPrompting`) on the projected features, not
    normalised, as queries. The tower itself sees no video, so it runs once a
    vocabulary (or once a step if tuned).

    Source: TC-CLIP (ECCV 2024), Table 7 (d). The paper says no more than
    "cross-attention of context tokens and the final representation of the
    text embedding", and no code of it is out. Ours: plain template, no learned
    vectors, and the block starts as a copy of the last text block, as that of
    the method itself does.

    Args:
        arch: As :class:`TextHead`; text width and joint dimension are equal.
        detach_video: Whether gradients stop before the video tokens.
        templates: As :class:`TextHead`.
        fusion: As :class:`TextHead`.
        classname_style: As :class:`TextHead`.
        kwargs: As :class:`TextHead`.

    Raises:
        ValueError: If widths differ, or as :class:`TextHead`; at the first
            call, if the backbone returns no tokens.
    """

    prompt_generation_layer: Sequence[VideoPrompting]

    def __init__(
        self,
        arch: Arch,
        detach_video: bool = True,
        templates: str | Sequence[str] = 'vifi_clip',
        fusion: str = 'mean_embedding',
        classname_style: str = 'split_camel_case',
        **kwargs,
    ) -> None:
        super().__init__(
            arch,
            templates=templates,
            fusion=fusion,
            classname_style=classname_style,
            **kwargs,
        )
        size = clip_config(arch)
        self.detach_video = detach_video
        self.prompt_generation_layer = nn.ModuleList(  # type: ignore[assignment]  # not generic
            [VideoPrompting(size)]
        )
        self.init_from_clip()

    def init_from_clip(self) -> None:
        """Begin with the last text block."""
        last = self.text_encoder.transformer.resblocks[-1]
        self.prompt_generation_layer[0].start_from(last)

    def text_for(self, x: VideoFeatures) -> Tensor:
        """Fuse the class features with each video; unit norm, (B, C, D).

        Args:
            x: Frame features (B, T, D) and tokens of the video (B, K, D).
        """
        (video,) = require_video_tokens(x, 1, type(self).__name__)
        video = video.detach() if self.detach_video else video
        text = self.text_features.unsqueeze(0)
        text = self.prompt_generation_layer[0](text, video)
        return F.normalize(text.to(self.logit_scale.dtype), dim=-1)
