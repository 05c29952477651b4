"""Classification by the text of the class names."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from mmaction.models.heads import BaseHead
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip import (
    TextTransformer,
    build_tokenizer,
    clip_config,
    load_clip_state_dict,
    split_clip,
)
from mmovar.clip.config import Arch
from mmovar.vocabulary import CLASSNAME_STYLES, resolve_templates

from .fusion import FUSIONS, VideoFeatures, frame_features
from .weight_keyed_cache import WeightKeyedCache

_INITIAL_LOGIT_SCALE = 2.6592  # ln(1 / 0.07), CLIP before its training


@MODELS.register_module()
class TextHead(BaseHead):
    """Classify videos by CLIP's text features of the class names.

    Logits are ``exp(logit_scale) * video . text``. The text feature of a
    class is the mean of its unit features over the templates, made unit
    again. The vocabulary may change at any time (:meth:`set_vocabulary`);
    dataset and head meet through ``VocabularyHook``. The state dict carries
    it beside the weights, in the ``_metadata`` that PyTorch keeps there; a
    head without class names takes those it is loaded with.

    Text features are computed once per vocabulary and phase, that is from one
    ``train()`` or ``eval()`` to the next, and anew in each training step of a
    tuned tower. They follow the weights at once, but edits through ``.data``,
    as MMEngine's averaging hooks make them before they call ``eval()``, at
    the next phase. They are not in the state dict.
    ``drawn_prompts`` indexes the prompts of the latest training step of a
    trained tower.

    Args:
        arch: open_clip model name or sizes, see
            :func:`mmovar.clip.clip_config`.
        weights: CLIP weights, see :func:`mmovar.clip.load_clip_state_dict`;
            None leaves them random or to the recognizer.
        classnames: Names to start with; None waits for
            :meth:`set_vocabulary`.
        templates: Name of a template set or templates with one ``{}``, see
            :func:`mmovar.vocabulary.resolve_templates`.
        fusion: ``'logit_mean'`` (Open-VCLIP) or ``'mean_embedding'``
            (ViFi-CLIP), see :mod:`mmovar.models.heads.fusion`.
        tokenizer: File of a word list, or None for CLIP's byte pairs.
        classname_style: How names stand in the prompts, a key of
            :data:`mmovar.vocabulary.CLASSNAME_STYLES`.
        text_trainable: Whether the text tower is tuned.
        tokens_trainable: Whether a tuned text tower tunes its token table
            too. ViFi-CLIP and TC-CLIP do not.
        logit_scale_trainable: Whether the temperature is tuned, as
            Open-VCLIP's released code does.
        loss_cls: Loss on the logits (B, C).
        average_clips: How the views of a video are averaged: ``'score'``
            (logits; Open-VCLIP sums them, which ranks alike), ``'prob'``
            (probabilities) or None (not at all).
        topk: Accuracies logged in training.

    Raises:
        ValueError: If ``fusion``, ``average_clips``, ``templates`` or
            ``classname_style`` is none of these, or a name occurs twice.
    """

    takes_templates = True
    """Whether the prompts may change, which learned ones may not."""

    def __init__(
        self,
        arch: Arch,
        weights: str | Path | None = None,
        classnames: Sequence[str] | None = None,
        templates: str | Sequence[str] = 'open_vclip',
        fusion: str = 'logit_mean',
        tokenizer: str | None = None,
        classname_style: str = 'as_is',
        text_trainable: bool = False,
        tokens_trainable: bool = True,
        logit_scale_trainable: bool = True,
        loss_cls: dict | None = None,
        average_clips: str | None = 'score',
        topk: tuple[int, ...] = (1, 5),
    ) -> None:
        super().__init__(
            num_classes=0,
            in_channels=clip_config(arch).embed_dim,
            loss_cls=loss_cls or dict(type='CrossEntropyLoss'),
            topk=topk,
            average_clips=average_clips,
        )
        if fusion not in FUSIONS:
            raise ValueError(f'fusion {fusion!r} is none of {list(FUSIONS)}')
        if average_clips not in ('score', 'prob', None):
            raise ValueError(
                f"average_clips {average_clips!r} is none of 'score', 'prob', "
                'None'
            )
        if classname_style not in CLASSNAME_STYLES:
            raise ValueError(
                f'classname_style {classname_style!r} is none of '
                f'{list(CLASSNAME_STYLES)}'
            )
        self.fusion = fusion
        self.fuse = FUSIONS[fusion]
        self.classname_style = classname_style
        self.templates = resolve_templates(templates)
        self.tokenizer = build_tokenizer(tokenizer, arch)
        self.text_encoder = TextTransformer(arch)
        self.text_encoder.requires_grad_(text_trainable)
        self.text_encoder.token_embedding.requires_grad_(
            text_trainable and tokens_trainable
        )
        self.logit_scale = nn.Parameter(
            torch.tensor(_INITIAL_LOGIT_SCALE),
            requires_grad=logit_scale_trainable,
        )
        if weights is not None:
            self._load_clip(weights, arch)
        self.classnames: tuple[str, ...] = ()
        self._tokens: Tensor | None = None  # (P, C, L)
        self.drawn_prompts: Sequence[int] | slice = slice(None)
        self._cache = WeightKeyedCache()
        if classnames is not None:
            self.set_vocabulary(classnames)

    def init_from_clip(self) -> None:
        """Initialise what CLIP lacks from CLIP's weights.

        Called whenever those have been loaded; heads with parameters of their
        own override it.
        """

    def _text_weights(self) -> list[nn.Parameter]:
        """List what the text features depend on."""
        return list(self.text_encoder.parameters())

    @property
    def text_trainable(self) -> bool:
        """Whether a parameter that text features depend on is tuned."""
        return any(p.requires_grad for p in self._text_weights())

    @property
    def _learns_text(self) -> bool:
        """Whether this is a training step of the text features."""
        learns = self.training and torch.is_grad_enabled()
        return learns and self.text_trainable

    def _load_clip(self, weights: str | Path, arch: Arch) -> None:
        clip = split_clip(load_clip_state_dict(weights, arch))
        self.logit_scale.data.copy_(clip.logit_scale)
        self.text_encoder.load_state_dict(clip.text)

    def set_vocabulary(self, classnames: Sequence[str]) -> None:
        """Name the classes; their order is the order of the scores.

        Args:
            classnames: Any names, each once.

        Raises:
            ValueError: If there is no name, or one occurs twice, or a prompt
                is too long for the text tower.
        """
        names = tuple(classnames)
        if isinstance(classnames, str) or not names:
            raise ValueError(f'need a list of class names, got {classnames!r}')
        twice = sorted(n for n, times in Counter(names).items() if times > 1)
        if twice:
            raise ValueError(f'class names occur twice: {twice}')
        if names != self.classnames:
            self._tokens = self._tokenize(names)
            self.classnames, self.num_classes = names, len(names)
            self._cache.drop()

    def set_templates(self, templates: str | Sequence[str]) -> None:
        """Change the prompts; class names have to be set again after it.

        Args:
            templates: As in the constructor.

        Raises:
            ValueError: If they are malformed, or the head learned its own.
        """
        templates = resolve_templates(templates)
        if templates != self.templates:
            if not self.takes_templates:
                raise ValueError(
                    f'the prompt is learned, {list(templates)} cannot '
                    'replace it'
                )
            self.templates = templates
            self.classnames, self.num_classes, self._tokens = (), 0, None
            self._cache.drop()

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if self.classnames and hasattr(destination, '_metadata'):
            metadata = destination._metadata[prefix[:-1]]
            metadata['classnames'] = self.classnames

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        *args: Any,
    ) -> None:
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, *args
        )
        names = local_metadata.get('classnames')
        if names and not self.classnames:  # tokenized when they are needed
            self.classnames, self.num_classes = tuple(names), len(names)

    def _prompts(self, names: Sequence[str]) -> list[list[str]]:
        """Put the names into each template, P lists of C prompts."""
        return [[t.format(name) for name in names] for t in self.templates]

    def _tokenize(self, names: Sequence[str]) -> Tensor:
        """Turn names into the tokens of their prompts (P, C, L)."""
        clean = CLASSNAME_STYLES[self.classname_style]
        prompts = self._prompts([clean(name) for name in names])
        return torch.stack([self.tokenizer(p) for p in prompts])

    def encode_text(self, classnames: Sequence[str]) -> Tensor:
        """Encode names without setting the vocabulary; unit norm, (C, D)."""
        return self._encode(self._tokenize(classnames))

    def _encode(self, tokens: Tensor) -> Tensor:
        features = _encode_prompts(self.text_encoder, tokens)
        return F.normalize(features.mean(dim=0), dim=-1)

    def encode_prompts(self, text_encoder: TextTransformer) -> Tensor:
        """Encode all prompts of the vocabulary with another text tower.

        Args:
            text_encoder: A tower with this head's vocabulary of tokens.

        Returns:
            (P, C, D), unit norm: P prompts of C classes.

        Raises:
            ValueError: If no vocabulary is set.
        """
        return _encode_prompts(text_encoder, self._require_tokens())

    def _draw_prompts(self) -> Sequence[int] | slice:
        """Choose the prompts that a training step encodes: all."""
        return slice(None)

    def _require_tokens(self) -> Tensor:
        if not self.classnames:
            raise ValueError(
                f'{type(self).__name__} has no class names: neither its '
                'config (`classnames`) nor a checkpoint gave any. Call '
                '`set_vocabulary`, or add VocabularyHook to `custom_hooks` '
                'of a run, which takes those of the data set'
            )
        if self._tokens is None:
            self._tokens = self._tokenize(self.classnames)
        return self._tokens

    @property
    def text_features(self) -> Tensor:
        """Unit-norm text features of the vocabulary, (C, D).

        Raises:
            ValueError: If no vocabulary is set.
        """
        tokens = self._require_tokens()
        if self._learns_text:
            self.drawn_prompts = self._draw_prompts()
            return self._encode(tokens[self.drawn_prompts])
        return self._cache.get(
            'features', self._text_weights(), lambda: self._encode(tokens)
        )

    def train(self, mode: bool = True) -> 'TextHead':
        """Switch between training and evaluation."""
        self._cache.drop()
        return super().train(mode)

    def _apply(self, *args, **kwargs) -> 'TextHead':
        self._cache.drop()  # a move or a cast
        return super()._apply(*args, **kwargs)

    def text_for(self, x: VideoFeatures) -> Tensor:
        """Return the text features that clips are compared with.

        Heads that condition text on the video override this.

        Args:
            x: What the backbone returns, see :meth:`forward`.

        Returns:
            Unit norm; (C, D) for all clips, or (B, C, D), one for each clip.
        """
        return self.text_features

    def forward(
        self, x: VideoFeatures, text: Tensor | None = None, **kwargs
    ) -> Tensor:
        """Score clips.

        Args:
            x: Frame features (B, T, D) of any scale, or a tuple of them and
                of what the head's text needs of the video.
            text: Unit text features (C, D) or (B, C, D); :meth:`text_for` if
                None.
            kwargs: What MMAction2's recognizers hand to heads; unused.

        Returns:
            Logits (B, C) in float32, temperature included.
        """
        dtype = self.logit_scale.dtype
        text = self.text_for(x) if text is None else text
        # half precision would round the logits to 1/16
        with torch.autocast(text.device.type, enabled=False):
            video = self.fuse(frame_features(x).to(dtype))
            text = text.to(dtype)
            if text.ndim == 2:
                return self.logit_scale.exp() * video @ text.T
            return self.logit_scale.exp() * (text @ video[..., None])[..., 0]


def _encode_prompts(text_encoder: TextTransformer, tokens: Tensor) -> Tensor:
    """Encode tokens (P, C, L) as unit features (P, C, D)."""
    features = text_encoder.encode(tokens.flatten(0, 1))
    return F.normalize(features, dim=-1).unflatten(0, tokens.shape[:2])
