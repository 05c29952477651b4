"""FROSTER's prompts: a label beside its name in a template."""

from collections.abc import Sequence

import torch
from mmaction.registry import MODELS

from .text_head import TextHead


@MODELS.register_module()
class FROSTERTextHead(TextHead):
    """Class names with a description, ``'archery: A person shoots a bow'``.

    The prompt of a template is the name before the colon in the template,
    followed by the whole label; one more prompt is the label alone. A tuned
    text tower encodes one template, drawn anew at each training step, and
    the label alone; else all prompts are averaged.

    Source: FROSTER (ICLR 2024) and its released code. The draw is
    torch's, so ranks of one seed draw alike until they use other random
    numbers; it is not restored by a resume.

    Args:
        args: As :class:`TextHead`.
        kwargs: As :class:`TextHead`.
    """

    def _prompts(self, names: Sequence[str]) -> list[list[str]]:
        short = [name.split(':')[0] for name in names]
        prompts = [
            [f'{text} {name}' for text, name in zip(texts, names, strict=True)]
            for texts in super()._prompts(short)
        ]
        return [*prompts, list(names)]

    def _draw_prompts(self) -> list[int]:
        drawn = int(torch.randint(len(self.templates), ()))
        return [drawn, len(self.templates)]
