"""What a model needs so that its attention can be shown."""

from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor, nn


class VisionTower(Protocol):
    """CLIP's vision tower, such as a ``CLIPViT``."""

    conv1: nn.Conv2d
    positional_embedding: nn.Parameter
    transformer: Any
    """With blocks ``resblocks``, each with an attention ``attn``."""

    def __call__(self, clips: Tensor, /) -> Any:
        """Encode normalised clips (B, 3, T, H, W)."""


class Recognizer(Protocol):
    """A recognizer with such a tower, such as a ``CLIPRecognizer``."""

    backbone: VisionTower
    data_preprocessor: Callable[..., dict[str, Any]]
