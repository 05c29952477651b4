"""ActionCLIP's head: one template a training step."""

from collections.abc import Sequence
from typing import Any

import torch
from mmaction.registry import MODELS

from mmovar.clip.config import Arch

from .text_head import TextHead


@MODELS.register_module()
class ActionCLIPTextHead(TextHead):
    """Class names in ActionCLIP's 16 templates.

    A tuned text tower encodes all classes in one template, drawn anew at each
    training step; else all templates are averaged. The draw is torch's, so
    ranks of one seed draw alike until they use other random numbers.

    Source: ActionCLIP (arXiv:2109.08472), section 3.2 and its code. There a
    template is drawn for each video, and videos are compared with the texts
    of their batch by a divergence (KL) both ways. Here they are compared with
    all class names by cross entropy, as in the other learners.

    Args:
        arch: As :class:`TextHead`.
        templates: As :class:`TextHead`.
        kwarch: As :class:`TextHead`.
    """

    def __init__(
        self,
        arch: Arch,
        templates: str | Sequence[str] = 'actionclip',
        **kwargs: Any,
    ) -> None:
        super().__init__(arch, templates=templates, **kwargs)

    def _draw_prompts(self) -> list[int]:
        return [int(torch.randint(len(self.templates), ()))]
