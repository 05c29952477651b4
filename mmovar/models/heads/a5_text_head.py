"""A5's head: learned vectors in front of the class name and behind it."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from mmovar.clip.config import Arch

from .learnable_prompt_text_head import LearnablePromptTextHead


@MODELS.register_module()
class A5TextHead(LearnablePromptTextHead):
    """Prompts '[16 vectors] name [16 vectors]', shared by all classes.

    All vectors are drawn from N(0, 0.02), if the template has no words, and
    tuned.

    Source: Ju et al., "Prompting Visual-Language Models for Efficient Video
    Understanding" (ECCV 2022), called A5 after the row of its ablation, and
    VPT in Open-MeDe's tables. 16 on either side and the spread are from
    memory of that paper, which we could not look up again.

    Args:
        arch: As :class:`TextHead`.
        n_ctx: Vectors in front of the name.
        n_behind: Vectors behind it.
        templates: As :class:`LearnablePromptTextHead`.
        classnames: As :class:`TextHead`.
        kwargs: As :class:`TextHead`.

    Raises:
        ValueError: If ``n_behind`` is below 1, or as
            :class:`LearnablePromptTextHead`.
    """

    def __init__(
        self,
        arch: Arch,
        n_ctx: int = 16,
        n_behind: int = 16,
        templates: str | Sequence[str] = 'bare',
        classnames: Sequence[str] | None = None,
        **kwargs,
    ) -> None:
        if n_behind < 1:
            raise ValueError(f'n_behind must be >= 1, got {n_behind}')
        super().__init__(arch, n_ctx=n_ctx, templates=templates, **kwargs)
        width = self.text_encoder.positional_embedding.shape[1]
        self.ctx_behind = nn.Parameter(0.02 * torch.randn(n_behind, width))
        if classnames is not None:
            self.set_vocabulary(classnames)

    def _text_weights(self) -> list[nn.Parameter]:
        return [*super()._text_weights(), self.ctx_behind]

    def _check_lengths(self, names: Sequence[str], tokens: Tensor) -> None:
        super()._check_lengths(names, F.pad(tokens, (len(self.ctx_behind), 0)))

    def _encode_names(self, tokens: Tensor, names: Sequence[str]) -> Tensor:
        prefix = self._embed_prefix(names)
        suffix, end = self._embed_behind(
            self._suffixes(tokens), prefix.shape[1]
        )
        features = self.text_encoder.behind(prefix)(suffix, end)
        return F.normalize(features, dim=-1)

    def _embed_behind(
        self, tokens: Tensor, start: int
    ) -> tuple[Tensor, Tensor]:
        """Embed names (C, S), the vectors behind them, and the end.

        Args:
            tokens: Names and end of text.
            start: Position of the first token.

        Returns:
            (C, S', D), and the ends (C,).
        """
        tower, count = self.text_encoder, len(self.ctx_behind)
        end = tokens.argmax(dim=-1, keepdim=True)
        places = end + torch.arange(count)
        tokens = F.pad(tokens, (0, count))
        # the end moves back; what the vectors replace may be any other token
        tokens = tokens.scatter(1, end + count, tokens.gather(1, end))
        tokens = tokens.scatter(1, places, torch.zeros_like(places))
        x, end = tower.embed_suffix(tokens, start)
        places = places.to(x.device)
        rows = torch.arange(len(x), device=x.device).unsqueeze(1)
        vectors = self.ctx_behind + tower.positional_embedding[start + places]
        return x.index_put((rows, places), vectors.to(x.dtype)), end
