"""A transformer over the frame features of a clip."""

import torch
from mmaction.registry import MODELS
from mmaction.utils import OptSampleList
from torch import nn

from mmovar.clip import Block, Transformer, clip_config
from mmovar.clip.config import HEAD_WIDTH, Arch

from ..heads.fusion import VideoFeatures, frame_features


@MODELS.register_module()
class TemporalTransformer(nn.Module):
    r"""Run a transformer over the frame features of a clip, with a residual.

    .. math:: f \leftarrow f + \text{Transformer}(f + p)

    with a learnable position p of each frame. A head with the fusion
    ``'mean_embedding'`` averages them, which is what the learners do that
    have it: X-CLIP (multi-frame integration, 1 layer), ActionCLIP
    ("Transf", 6 layers) and A5.

    The positions fix the number of frames: a model of 8 frames cannot read
    clips of 16, neither in training nor in a test.

    Names of the parameters are those of X-CLIP's ``mit.*``. Initial weights
    have the scales of CLIP's text tower, for all three learners; X-CLIP's
    release draws those of its linear layers with 0.02.

    Source: X-CLIP (ECCV 2022), section 3.2, Eq. 8; ActionCLIP
    (arXiv:2109.08472), section 3.3.

    Args:
        arch: Model name or sizes, see :func:`mmovar.clip.clip_config`; D is
            the joint dimension.
        num_frames: Frames T of every clip.
        layers: Layers.
        heads: Heads; None is one per 64 channels.

    Raises:
        ValueError: If ``num_frames`` or ``layers`` is below 1, or ``heads``
            does not divide D; in a forward pass, if clips have
            another number of frames.
    """

    def __init__(
        self,
        arch: Arch,
        num_frames: int,
        layers: int = 1,
        heads: int | None = None,
    ) -> None:
        config = clip_config(arch)
        width = config.embed_dim
        heads = heads or max(width // HEAD_WIDTH, 1)
        if num_frames < 1 or layers < 1:
            raise ValueError(
                'num_frames and layers must be >= 1, got '
                f'{num_frames} and {layers}'
            )
        if width % heads:
            raise ValueError(f'{heads} heads do not divide {width} channels')
        super().__init__()
        transformer: Transformer[Block] = Transformer(
            width, layers, heads, config.quick_gelu
        )
        self.resblocks = transformer.resblocks
        self.positional_embedding = nn.Parameter(
            torch.empty(1, num_frames, width)
        )
        self.init_weights()

    def init_weights(self) -> None:
        """Draw the initial weights anew."""
        nn.init.trunc_normal_(self.positional_embedding, std=0.02)
        for block in self.resblocks:
            block.draw_weights(len(self.resblocks))
            nn.init.zeros_(block.mlp.get_parameter('c_fc.bias'))
            nn.init.zeros_(block.mlp.get_parameter('c_proj.bias'))

    def forward(
        self, x: VideoFeatures, data_samples: OptSampleList = None
    ) -> tuple[VideoFeatures, dict]:
        """Add temporal context to the frame features.

        Args:
            x: Frame features (B, T, D), or a tuple that begins with them.
            data_samples: What MMAction2 hands to necks; unused.

        Returns:
            Frame features (B, T, D), or the tuple with these in place of the
            old ones, and the losses of a neck, none.
        """
        frames = frame_features(x)
        expected = self.positional_embedding.shape[1]
        if frames.shape[1] != expected:
            raise ValueError(
                f'clips have {frames.shape[1]} frames, this model is built '
                f'for {expected}: its temporal positions are learned. Sample '
                f'clip_len={expected} or train with neck.num_frames='
                f'{frames.shape[1]}'
            )
        y = frames + self.positional_embedding
        for block in self.resblocks:
            y = block(y)
        frames = frames + y
        return (frames, *x[1:]) if isinstance(x, tuple) else frames, {}
