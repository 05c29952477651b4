"""A text head whose features are not yet final."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from .text_head import TextHead


class RawTextHead(TextHead):
    """Keep text features (C, D) as the tower leaves them, for later layers.

    Templates are averaged; :meth:`encode_text` is normalised as elsewhere.

    Args:
        args: As :class:`TextHead`.
        kwargs: As :class:`TextHead`.
    """

    def _encode(self, tokens: Tensor) -> Tensor:
        features = self.text_encoder.encode(tokens.flatten(0, 1))
        return features.unflatten(0, tokens.shape[:2]).mean(dim=0)

    def encode_text(self, classnames: Sequence[str]) -> Tensor:
        """Encode names without a video; unit norm, (C, D)."""
        return F.normalize(super().encode_text(classnames), dim=-1)
