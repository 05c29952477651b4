"""TC-CLIP's block in which prompt vectors attend to the video."""

from torch import Tensor

from mmovar.clip import Attention, Block, BlockWeights, CLIPConfig, LayerNorm


class VideoPrompting(BlockWeights):
    r"""Residual cross-attention of prompt vectors to tokens of a video.

    .. math::
        p' &= p + MHA(LN_1(p), LN_{kv}(z)) \\
        p'' &= p' + MLP(LN_2(p'))

    A block of the text tower whose keys and values come from the video, with
    a layer norm of their own, ``ln_1_kv``. Parameter names are those of
    TC-CLIP's checkpoints.

    Source: TC-CLIP (ECCV 2024), section 3.3.

    Initial weights are drawn as CLIP draws those of its text tower.

    Args:
        size: Sizes of the CLIP model, whose text tower is as wide as its
            joint space.

    Raises:
        ValueError: If it is not.
    """

    def __init__(self, size: CLIPConfig) -> None:
        text, width = size.text, size.text.width
        if width != size.embed_dim:
            raise ValueError(
                'video-conditional prompts need a text tower as wide as '
                f'the joint space, got {width} and {size.embed_dim}'
            )
        super().__init__(width, text.heads, size.quick_gelu, Attention)
        self.ln_1_kv = LayerNorm(width)
        self.draw_weights(text.layers)

    def start_from(self, block: Block) -> None:
        """Copy the weights of a text block; ``ln_1_kv`` are its ``ln_1``."""
        weights = block.state_dict()
        for name, value in block.ln_1.state_dict().items():
            weights[f'ln_1_kv.{name}'] = value
        self.load_state_dict(weights)

    def forward(self, prompts: Tensor, video: Tensor) -> Tensor:
        """Condition prompts on videos.

        Args:
            prompts: (B or 1, n, D).
            video: Tokens (B, K, D).

        Returns:
            (B, n, D).
        """
        prompts = prompts.expand(len(video), -1, -1)
        z = self.ln_1_kv(video.to(prompts.dtype))
        x = prompts + self.attn(z, query=self.ln_1(prompts))
        return x + self.mlp(self.ln_2(x))


def require_video_tokens(x: object, count: int, head: str) -> list[Tensor]:
    """Return the video tokens among what a backbone returns.

    Args:
        x: Frame features, or a tuple of them and video tokens (B, K, D).
        count: Tensors of tokens that the head needs.
        head: Its name, for the error.

    Raises:
        ValueError: If there is another number of them.
    """
    tokens = list(x[1:]) if isinstance(x, tuple) else []
    if len(tokens) != count:
        raise ValueError(
            f'{head} needs {count} tensors of video tokens, got '
            f'{len(tokens)}: set `tokens` and one vision layer for each text '
            'layer in `token_layers` of the backbone, such as TCCLIPViT'
        )
    return tokens
