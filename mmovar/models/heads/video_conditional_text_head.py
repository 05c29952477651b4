"""TC-CLIP's text head: prompts that attend to the video."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmovar.clip import clip_config
from mmovar.clip.config import Arch
from mmovar.clip.shared_prefix import (
    KVCache,
    PartialAttention,
    attend_suffix,
    keys_values,
    merge_lse,
    run_prefix,
    run_suffix,
)
from mmovar.clip.text_batches import restore_order

from .fusion import VideoFeatures, frame_features
from .learnable_prompt_text_head import LearnablePromptTextHead
from .video_prompting import VideoPrompting, require_video_tokens

_INITS = ('clip', 'random')
_CONDITIONS = ('tokens', 'frames')
_ROWS_OF_A_PAIR = 30  # kept for the backward pass, of a token in a block


class _Suffixes(NamedTuple):
    """Class names of one chunk, before a video is seen.

    Attributes:
        classes: Which classes (N,), on the CPU.
        tokens: Their input of the first prompted block (N, S, D), or in its
            place ``PartialAttention`` if that block is the last one.
        end: Positions of the ends of text (N,).
    """

    classes: Tensor
    tokens: Tensor | PartialAttention
    end: Tensor


class _Classes(NamedTuple):
    """All that is the same for every video: prompt vectors, class names."""

    prefix: Tensor  # (1, 1 + n, D)
    chunks: list[_Suffixes]


@MODELS.register_module()
class VideoConditionalTextHead(LearnablePromptTextHead):
    """Give each video its own text features, through its prompt vectors.

    Before some blocks of the text tower, usually the last one, the prompt
    vectors attend to tokens of the video (:class:`VideoPrompting`). The
    backbone returns these tokens behind the frame features, one tensor
    (B, K, D) for each of ``layers``: context tokens, class tokens or means
    of patches, as its ``tokens`` says.

    The released code runs the whole text tower for each video and class. Here
    blocks before the first prompted one run once for all videos, prompts
    once a video, and of the last block only the ends of text, once a pair,
    which is exact (the mask is causal, see
    :mod:`mmovar.clip.shared_prefix`). Outside of training steps what does
    not depend on the video is kept as long as the weights are the same.

    ``text_features`` and ``encode_text`` are those without a video: learned
    prompts that look at nothing.

    Source: TC-CLIP (ECCV 2024), section 3.3, Tables 5 and 7, and its released
    code. The blocks start as copies of the text blocks that they precede.

    Args:
        arch: As :class:`TextHead`; text width and joint dimension are equal.
        layers: Text layers (1-based) before which the prompts look at the
            video, ascending; the last layer if None. ``(6, 12)`` is an
            ablation, in which all layers from the first one on run for each
            pair.
        prompting_init: ``'clip'`` copies text blocks, ``'random'`` draws.
        condition_on: ``'tokens'`` that come behind the frame features, or the
            ``'frames'`` themselves, the projected class tokens of any
            backbone; these are one tensor, for one of ``layers``.
        detach_video: Whether gradients stop before the video tokens.
        chunk_size: Classes in one pass; bounds the memory of the pairs. In
            training, pairs are recomputed in the backward pass if there are
            more classes. None is 256 on a CPU and what fits on a GPU.
        n_ctx: As :class:`LearnablePromptTextHead`.
        fusion: As :class:`TextHead`.
        classname_style: As :class:`TextHead`.
        classnames: As :class:`TextHead`.
        kwargs: As :class:`LearnablePromptTextHead`, but for ``depth`` and
            ``class_specific``.

    Raises:
        ValueError: If ``layers``, ``prompting_init``, ``condition_on`` or
            ``chunk_size`` is none of these, widths differ, prompts are deep
            or class-specific, or as :class:`LearnablePromptTextHead`; at the
            first call, if the backbone returns another number of tokens.
    """

    prompt_generation_layer: Sequence[VideoPrompting]

    def __init__(
        self,
        arch: Arch,
        layers: Sequence[int] | None = None,
        prompting_init: str = 'clip',
        condition_on: str = 'tokens',
        detach_video: bool = True,
        chunk_size: int | None = None,
        n_ctx: int = 4,
        fusion: str = 'mean_embedding',
        classname_style: str = 'split_camel_case',
        classnames: Sequence[str] | None = None,
        **kwargs,
    ) -> None:
        size = clip_config(arch)
        depth = size.text.layers
        layers = (depth,) if layers is None else tuple(layers)
        _check(layers, prompting_init, condition_on, chunk_size, depth)
        if kwargs.get('depth', 1) > 1 or kwargs.get('class_specific'):
            raise ValueError(
                'video-conditional prompts are neither deep nor class-'
                f'specific, got {kwargs}'
            )
        super().__init__(
            arch,
            n_ctx=n_ctx,
            fusion=fusion,
            classname_style=classname_style,
            **kwargs,
        )
        self.layers = layers
        self.prompting_init = prompting_init
        self.condition_on = condition_on
        self.detach_video = detach_video
        self.chunk_size = chunk_size
        self.prompt_generation_layer = nn.ModuleList(  # type: ignore[assignment]  # not generic
            VideoPrompting(size) for _ in self.layers
        )
        self.init_from_clip()
        if classnames is not None:
            self.set_vocabulary(classnames)

    def init_from_clip(self) -> None:
        """Begin with the words of the template and with text blocks."""
        super().init_from_clip()
        if self.prompting_init != 'clip':
            return
        tower = self.text_encoder.transformer.resblocks
        for layer, block in zip(
            self.layers, self.prompt_generation_layer, strict=True
        ):
            block.start_from(tower[layer - 1])

    def text_for(self, x: VideoFeatures) -> Tensor:
        """Encode the class names for each video; unit norm, (B, C, D).

        Args:
            x: Frame features (B, T, D) and, for each of ``layers``, tokens of
                the video (B, K, D), as a tuple.
        """
        if self.condition_on == 'frames':
            video = [frame_features(x)]
        else:
            name = type(self).__name__
            video = require_video_tokens(x, len(self.layers), name)
        if self.detach_video:
            video = [tokens.detach() for tokens in video]
        tokens = self._require_tokens()
        if self._learns_text:
            classes = self._encode_classes(tokens)
        else:
            classes = self._cache.get(
                'classes',
                self._text_weights(),
                lambda: self._encode_classes(tokens),
            )
        seen = self._show(classes.prefix, video)
        size = self.chunk_size or self._pairs_at_once(classes, len(video[0]))
        recompute = len(self.classnames) > size and torch.is_grad_enabled()
        features = []
        for chunk in classes.chunks:
            for start in range(0, len(chunk.classes), size):
                rows = slice(start, start + size)
                text = (
                    checkpoint(
                        self._pair, chunk, seen, rows, use_reentrant=False
                    )
                    if recompute
                    else self._pair(chunk, seen, rows)
                )
                features.append((chunk.classes[rows], text))
        return restore_order(features)

    def _encode_classes(self, tokens: Tensor) -> _Classes:
        """Run the blocks before the first prompted one, (1, C, L) tokens."""
        tower, first = self.text_encoder, self.layers[0] - 1
        prefix, chunks = tower.begin(
            first,
            self._embed_prefix(self.classnames),
            self._suffixes(tokens),
            self.chunk_size,
        )
        *blocks, last = tower.transformer.resblocks
        if first < len(blocks):
            return _Classes(prefix, [_Suffixes(*chunk) for chunk in chunks])
        ends = [
            _Suffixes(index, attend_suffix(last, x, end), end)
            for index, x, end in chunks
        ]
        return _Classes(prefix, ends)

    def _pairs_at_once(self, classes: _Classes, videos: int) -> int:
        """Choose how many classes meet the videos in one pass."""
        tower, x = self.text_encoder, classes.chunks[0].tokens
        rows = 1
        if not isinstance(x, PartialAttention):
            left = len(tower.transformer.resblocks) - self.layers[0] + 1
            rows = left * x.shape[1]
        width = _ROWS_OF_A_PAIR * rows * classes.prefix.shape[-1]
        return tower.chunk_size(len(self.classnames), videos * width)

    def _show(self, prefix: Tensor, video: list[Tensor]) -> list[KVCache]:
        """Show the videos to the prompts, from the first prompted block on.

        Returns:
            Keys and values (B, 1, P, h, d) of the prefix in each block.
        """
        generators = dict(
            zip(
                self.layers,
                zip(self.prompt_generation_layer, video, strict=True),
                strict=True,
            )
        )
        start, seen = self.layers[0], []
        blocks = self.text_encoder.transformer.resblocks
        for layer, block in enumerate(blocks[start - 1 :], start=start):
            if layer in generators:
                generator, tokens = generators[layer]
                prompts = generator(prefix[:, 1:], tokens)
                first = prefix[:, :1].expand(len(prompts), -1, -1)
                prefix = torch.cat([first, prompts], dim=1)
            if layer < len(blocks):
                (k, v), prefix = run_prefix(block, prefix)
            else:
                k, v = keys_values(block, prefix)
            seen.append((k.unsqueeze(1), v.unsqueeze(1)))
        return seen

    def _pair(
        self, chunk: _Suffixes, seen: list[KVCache], rows: slice
    ) -> Tensor:
        """Encode some classes behind the prompts of each video.

        Returns:
            Unit features (B, N, D).
        """
        blocks = self.text_encoder.transformer.resblocks
        x = chunk.tokens
        if isinstance(x, PartialAttention):
            x = PartialAttention(*(part[rows] for part in x))
        else:
            x = x[rows]
            rest = blocks[self.layers[0] - 1 : -1]
            for block, keys in zip(rest, seen[:-1], strict=True):
                x = run_suffix(block, keys, x)
            x = attend_suffix(blocks[-1], x, chunk.end[rows])
        features = self.text_encoder.read(merge_lse(blocks[-1], x, seen[-1]))
        return F.normalize(features.to(self.logit_scale.dtype), dim=-1)


def _check(
    layers: tuple[int, ...],
    init: str,
    condition_on: str,
    chunk_size: int | None,
    depth: int,
) -> None:
    ascending = layers and list(layers) == sorted(set(layers))
    if not ascending or not 1 <= layers[0] <= layers[-1] <= depth:
        raise ValueError(
            f'layers {layers} must ascend within 1..{depth}, the layers of '
            'the text tower'
        )
    if init not in _INITS:
        raise ValueError(f'prompting_init {init!r} is none of {_INITS}')
    if condition_on not in _CONDITIONS:
        raise ValueError(
            f'condition_on {condition_on!r} is none of {_CONDITIONS}'
        )
    if condition_on == 'frames' and len(layers) > 1:
        raise ValueError(
            f"condition_on='frames' goes with one layer, got {layers}"
        )
    if chunk_size is not None and chunk_size < 1:
        raise ValueError(f'chunk_size must be >= 1, got {chunk_size}')
