"""What loops and hooks ask of models, wrappers, samplers and data.

``isinstance`` tells whether an object has the methods, whatever its class, so
models of other packages can take part.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from torch import Tensor, nn


@runtime_checkable
class OpenVocabularyModel(Protocol):
    """A model whose classes are names that can be replaced."""

    classnames: Sequence[str]

    def set_vocabulary(self, classnames: Sequence[str]) -> None:
        """Recognise these classes from now on."""


@runtime_checkable
class EncodesText(Protocol):
    """A model with text features of class names."""

    def encode_text(self, classnames: Sequence[str]) -> Tensor:
        """Return unit features (C, D)."""


@runtime_checkable
class EncodesViews(Protocol):
    """A model whose video features serve several sets of classes."""

    def encode_views(self, inputs: Tensor) -> Any:
        """Return the features of all views."""


@runtime_checkable
class MixesCLIP(Protocol):
    """A model that averages its logits with those of frozen CLIP."""

    ratio: float
    """Share of CLIP, in [0, 1]."""


@runtime_checkable
class StartsFromCLIP(Protocol):
    """A model that knows CLIP's values of its weights."""

    def clip_state_dict(self) -> dict[str, Tensor]:
        """Return CLIP's weights under the model's names."""


@runtime_checkable
class MetaStepper(Protocol):
    """An optimizer wrapper whose step spans several batches."""

    watch: Callable[[str, Tensor], Any] | None

    def meta_step(
        self, model: nn.Module, tasks: Sequence[dict[str, Any]]
    ) -> list[tuple[str, dict[str, Any]]]:
        """Update a model by the batches of all tasks."""


@runtime_checkable
class SeededByEpoch(Protocol):
    """Data or a blending whose random numbers depend on seed and epoch."""

    def set_epoch(self, epoch: int, seed: int) -> None:
        """Take both."""


@runtime_checkable
class TakesStackedClips(Protocol):
    """A data preprocessor whose clips may be one tensor."""

    takes_stacked_clips: bool


@runtime_checkable
class TakesClassFeatures(Protocol):
    """A batch sampler that uses the similarity of classes."""

    def set_class_features(self, features: np.ndarray) -> None:
        """Take text features (C, D)."""
