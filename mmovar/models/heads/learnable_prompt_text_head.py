"""Classification by class names behind learned prompt vectors."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip.config import Arch

from .prompt_learner import PromptLearner
from .text_head import TextHead


@MODELS.register_module()
class LearnablePromptTextHead(TextHead):
    """Learn prompt vectors before the class name, in one layer or several.

    A prompt is the start of text, ``n_ctx`` vectors, and what the template
    has from the class name on. The words before it initialise the vectors;
    vectors beyond them are drawn from N(0, 0.02). With a template that begins
    with the name, as ``'{}.'``, all are drawn. The vectors are always tuned,
    the text tower if ``text_trainable``.

    Vectors that the classes share are computed once for all of them, which is
    exact. Text features are kept and follow the weights as in
    :class:`TextHead`, the vectors included.

    Source: ViFi-CLIP (CVPR 2023), section 3.2 (``depth`` > 1: before the
    blocks 2 to ``depth``, fresh vectors replace the outputs at their
    places); Vita-CLIP (CVPR 2023) (``class_specific``).

    Args:
        arch: As :class:`TextHead`.
        n_ctx: Vectors of a prompt.
        depth: Layers with vectors of their own.
        class_specific: Whether each class of ``classnames`` learns vectors
            of its own. Then the vocabulary may be any of these classes, in
            any order, and no others.
        templates: One template.
        classnames: As :class:`TextHead`.
        tokens_trainable: As :class:`TextHead`.
        kwargs: As :class:`TextHead`.

    Raises:
        ValueError: If there are prompts deeper than the text tower or several
            templates, if class-specific vectors are deep or lack names, or
            as :class:`TextHead`.
    """

    takes_templates = False

    def __init__(
        self,
        arch: Arch,
        n_ctx: int = 4,
        depth: int = 1,
        class_specific: bool = False,
        templates: str | Sequence[str] = 'vifi_clip',
        classnames: Sequence[str] | None = None,
        tokens_trainable: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(
            arch,
            templates=templates,
            tokens_trainable=tokens_trainable,
            **kwargs,
        )
        self._check(depth, class_specific, classnames)
        own = None
        if class_specific:
            own = {name: i for i, name in enumerate(classnames or ())}
        self._own_names = own
        self._words = self._tokenize_words()
        width = self.text_encoder.positional_embedding.shape[1]
        self.prompt_learner = PromptLearner(
            n_ctx, width, depth, None if own is None else len(own)
        )
        self._start_from_words()
        if classnames is not None:
            self.set_vocabulary(classnames)

    def _check(
        self,
        depth: int,
        class_specific: bool,
        classnames: Sequence[str] | None,
    ) -> None:
        layers = len(self.text_encoder.transformer.resblocks)
        if depth > layers:
            raise ValueError(
                f'prompts of depth {depth} are deeper than the text tower '
                f'of {layers} layers'
            )
        if len(self.templates) != 1:
            raise ValueError(
                'learned prompts need one template, got '
                f'{len(self.templates)}: {list(self.templates[:3])}'
            )
        if class_specific and (depth > 1 or classnames is None):
            raise ValueError(
                'class_specific needs classnames and depth=1, got depth='
                f'{depth} and {"no" if classnames is None else "some"} names'
            )

    def _tokenize_words(self) -> Tensor:
        """Find the tokens before the class name, without the start (W,)."""
        row = self.tokenizer([self.templates[0].split('{}')[0]])[0]
        return row[1 : row.argmax()]

    def init_from_clip(self) -> None:
        """Begin with the words of the template."""
        self._start_from_words()

    def _start_from_words(self) -> None:
        table = self.text_encoder.token_embedding
        words = self._words.to(table.weight.device)
        self.prompt_learner.start_from(table(words).detach())

    def _text_weights(self) -> list[nn.Parameter]:
        return [*super()._text_weights(), *self.prompt_learner.parameters()]

    def _tokenize(self, names: Sequence[str]) -> Tensor:
        tokens = super()._tokenize(names)
        self._check_lengths(names, tokens[0])
        self._rows(names)
        return tokens

    def _check_lengths(self, names: Sequence[str], tokens: Tensor) -> None:
        extra = self.prompt_learner.ctx.shape[-2] - len(self._words)
        lengths = tokens.argmax(dim=-1) + 1 + extra
        longest = int(lengths.argmax())
        if lengths[longest] > self.text_encoder.context_length:
            raise ValueError(
                f'{names[longest]!r} behind its prompt has '
                f'{int(lengths[longest])} tokens, the text tower takes '
                f'{self.text_encoder.context_length}'
            )

    def _rows(self, names: Sequence[str]) -> list[int] | None:
        """Find the vectors of classes; None if they are shared."""
        if self._own_names is None:
            return None
        strangers = [name for name in names if name not in self._own_names]
        if strangers:
            raise ValueError(
                f'no class-specific prompts for {strangers[:3]}: this head '
                f'learned those of {len(self._own_names)} classes; build it '
                'with all names, or with class_specific=False'
            )
        return [self._own_names[name] for name in names]

    def encode_text(self, classnames: Sequence[str]) -> Tensor:
        """Encode names without setting the vocabulary; unit norm, (C, D)."""
        return self._encode_names(self._tokenize(classnames), classnames)

    def _encode(self, tokens: Tensor) -> Tensor:
        return self._encode_names(tokens, self.classnames)

    def _encode_names(self, tokens: Tensor, names: Sequence[str]) -> Tensor:
        features = self.text_encoder.encode_behind(
            self._embed_prefix(names),
            self._suffixes(tokens),
            replace=self.prompt_learner.replace,
        )
        return F.normalize(features, dim=-1)

    def _suffixes(self, tokens: Tensor) -> Tensor:
        """Cut the tokens (1, C, L) of prompts from the class name on."""
        return tokens[0, :, 1 + len(self._words) :]

    def _embed_prefix(self, names: Sequence[str]) -> Tensor:
        """Embed start of text and vectors, (1, 1 + n, D) or (C, 1 + n, D)."""
        tower, rows = self.text_encoder, self._rows(names)
        vectors = self.prompt_learner.ctx
        ctx = vectors.unsqueeze(0) if rows is None else vectors[rows]
        start = self.tokenizer.vocab_size - 2
        start = tower.token_embedding.weight[start].expand(len(ctx), 1, -1)
        prefix = torch.cat([start, ctx], dim=1)
        return prefix + tower.positional_embedding[: prefix.shape[1]]
