"""TC-CLIP: CLIP's vision tower with context tokens of the whole video."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmovar.clip import Transformer

from ..context import Contextualizer
from ..heads.fusion import VideoFeatures
from .clip_vit import CLIPViT
from .context_attention import ContextAttention
from .context_block import ContextBlock, ContextTrace

TOKENS = (None, 'context', 'cls', 'gap')


@MODELS.register_module()
class TCCLIPViT(CLIPViT):
    """CLIP's ViT whose frames also attend to context tokens of the video.

    In each layer the patches that the class token attends to most, the seeds
    of each frame, are merged over the video to a few context tokens. They are
    additional keys and values of all frames in the next layer.

    Parameters are CLIP's and, from the second layer on,
    ``attn.local_global_bias_table`` (h, 1, 2). Any number of frames fits the
    same weights, unless ``joint_frames`` is given.

    Seeds are ranked and matched in float32 under automatic mixed precision,
    otherwise in the precision of the input. Still the matching is chaotic
    near ties: one pair that falls the other way changes 27 to 77 of 96
    clusters, see :mod:`mmovar.models.context.bipartite_merging`. Measured in
    float32 with pixels changed by 1e-6 of themselves, on one thread: with
    random B/16 weights and noise as video, 8 frames, clusters changed in 6 of
    8 videos, which moved logits by 0.02 to 0.78 (rounding alone: 4e-6) and
    changed the best of 7 classes in 2; with 3 random layers in 0 of 20
    videos of 4 frames, 4 of 20 of 8, and 12 of 20 of 16. A model tuned on
    ``mini`` (8 context tokens) changed clusters in 2 of 400 videos, logits by
    0.03 and no best class; at a pixel change of 1e-3 in 159, logits by 0.03
    in the median and 2.0 at most, and 3 best classes
    (``tools/profiling/near_ties.py``).

    Source: TC-CLIP (ECCV 2024), section 3.2; options from table 6.

    Args:
        args: As :class:`CLIPViT`.
        selection: Score of the seeds: ``'cls_attention'``, ``'key_norm'``,
            ``'headwise_cls_attention'``, ``'headwise_key_norm'``, see
            :mod:`mmovar.models.context.seed_selection`. ``'none'`` takes all
            patches and needs ``seed_ratio=1``.
        seed_ratio: Share of the patches of a frame that are seeds, (0, 1].
        aggregation: How seeds are merged: ``'bipartite'``, ``'k_means'``,
            ``'k_medoids'``, ``'dpc_knn'``, ``'random'``, ``'temporal_tube'``.
            ``'none'`` makes each seed a context token and needs
            ``num_context=None``.
        num_context: Context tokens K of a video.
        local_global_bias: Whether layers have the bias table.
        joint_frames: Frames T of a joint space-time positional table, a copy
            of CLIP's table for each frame; None has CLIP's table in all
            frames. Its parameter ``positional_embedding`` is (T, N, width)
            and takes CLIP's (N, width) as well.
        tokens: What comes beside the frame features, for heads that
            condition text on the video: None; ``'context'`` tokens;
            ``'cls'``, the class token of each frame; ``'gap'``, the mean
            patch of each frame.
        token_layers: Layers these are taken from, 1-based; negative ones
            count from the end. Needs ``tokens``.
        kwargs: As :class:`CLIPViT`.

    Raises:
        ValueError: If an option is unknown, out of range, or does not go with
            another.
    """

    transformer: Transformer[ContextBlock]

    def __init__(
        self,
        *args: Any,
        selection: str = 'cls_attention',
        seed_ratio: float = 0.3,
        aggregation: str = 'bipartite',
        num_context: int | None = 96,
        local_global_bias: bool = True,
        joint_frames: int | None = None,
        tokens: str | None = None,
        token_layers: Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            *args, attention=ContextAttention, block=ContextBlock, **kwargs
        )
        blocks = self.transformer.resblocks
        self.contextualizer = Contextualizer(
            len(self.positional_embedding) - 1,
            *(selection, seed_ratio, aggregation, num_context),
        )
        if local_global_bias:
            for block in blocks[1:]:
                block.attn.add_bias()
        self.joint_frames = joint_frames
        if joint_frames is not None:
            self._join_positions(joint_frames)
        self.tokens = tokens
        self.token_layers = _token_layers(tokens, token_layers, len(blocks))
        if tokens is not None and self.pooled:
            raise ValueError(f'pooled=True returns no tokens {tokens!r}')

    def _join_positions(self, frames: int) -> None:
        if frames < 1:
            raise ValueError(f'joint_frames must be 1 or more, got {frames}')
        self.contextualizer.check_frames(frames)
        table = self.positional_embedding.detach()
        self.positional_embedding = nn.Parameter(table.repeat(frames, 1, 1))

    def _load_from_state_dict(self, state_dict, prefix, *args) -> None:
        """Load; a joint table takes CLIP's as well."""
        key, own = f'{prefix}positional_embedding', self.positional_embedding
        if own.ndim == 3 and key in state_dict and state_dict[key].ndim == 2:
            state_dict[key] = state_dict[key].expand(len(own), -1, -1)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, x: Tensor) -> VideoFeatures:
        """Encode clips.

        Args:
            x: Normalised clips in MMAction2's order, (B, 3, T, H, W).

        Returns:
            Frame features (B, T, D), not normalised, or their mean (B, D).
            With ``tokens``: a tuple of the frame features and, for each of
            ``token_layers``, tokens (B, K, D) after ``ln_post`` and ``proj``;
            K is T for ``'cls'`` and ``'gap'``.

        Raises:
            ValueError: If the number of frames does not fit.
        """
        features, *tokens = self._encode(x)
        if self.tokens is not None:
            return features, *tokens
        return features.mean(dim=1) if self.pooled else features

    @torch.no_grad()
    def trace(self, x: Tensor) -> list[ContextTrace]:
        """Encode clips and return the trace of each layer.

        Args:
            x: As :meth:`forward`.

        Returns:
            A trace of each layer.
        """
        traces: list[ContextTrace] = []
        self._encode(x, traces)
        return traces

    def _encode(
        self, x: Tensor, traces: list[ContextTrace] | None = None
    ) -> list[Tensor]:
        """Return frame features, and the tokens of each of the layers."""
        self._check_frames(x.shape[2])
        frames, context = self.embed(x.transpose(1, 2)), None
        last = len(self.transformer.resblocks)
        kept = {}
        for layer, block in enumerate(self.transformer.resblocks, start=1):
            wanted = layer in self.token_layers
            summarise = (
                layer < last
                or traces is not None
                or (wanted and self.tokens == 'context')
            )
            frames, context = self._run(
                *(block, frames, context),
                self.contextualizer if summarise else None,
                layer < last or (wanted and self.tokens == 'gap'),
                traces,
            )
            if wanted:
                kept[layer] = self._tokens(frames, context)
        read = [frames[:, :, 0], *(kept[i] for i in self.token_layers)]
        return [self.ln_post(rows) @ self.proj for rows in read]

    def _run(self, block: ContextBlock, *args: Any) -> tuple:
        if self.transformer.with_cp and self.training:
            return checkpoint(block, *args, use_reentrant=False)
        return block(*args)

    def _tokens(self, frames: Tensor, context: Tensor | None) -> Tensor:
        """Pick the tokens of a layer, (B, K, width)."""
        if self.tokens == 'context':
            return cast(Tensor, context)  # the layer summarised
        if self.tokens == 'cls':
            return frames[:, :, 0]
        return frames[:, :, 1:].mean(dim=2)

    def _check_frames(self, frames: int) -> None:
        if self.joint_frames not in (None, frames):
            raise ValueError(
                f'a clip of {frames} frames does not fit the joint '
                f'positional table of {self.joint_frames} frames'
            )
        self.contextualizer.check_frames(frames)


def _token_layers(
    tokens: str | None, layers: Sequence[int] | None, depth: int
) -> tuple[int, ...]:
    """Check ``tokens`` and the layers it is read from; make them positive."""
    if tokens not in TOKENS:
        raise ValueError(f'tokens {tokens!r} is none of {TOKENS}')
    if tokens is None:
        if layers is not None:
            raise ValueError(f'token_layers {layers} without tokens')
        return ()
    layers = (depth,) if layers is None else tuple(layers)
    positive = tuple(i + depth + 1 if i < 0 else i for i in layers)
    if not positive or not all(1 <= i <= depth for i in positive):
        raise ValueError(
            f'token_layers {layers} are not in 1..{depth} (or negative, '
            'from the end), the layers of the tower'
        )
    return positive
