"""Models that stay loaded while people ask them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmovar.apis.inference import (
    classify,
    damage_of,
    init_recognizer,
    middle_view,
    read_video,
)
from mmovar.models import CLIPRecognizer
from mmovar.visualization import attention_overlay

from .weight_slider import WeightSlider


@dataclass(frozen=True)
class ModelSource:
    """Where a model comes from.

    Attributes:
        name: How the page calls it.
        config: Config file.
        checkpoint: What training wrote; None for CLIP as the config has it.
    """

    name: str
    config: str
    checkpoint: str | None = None

    @classmethod
    def parse(cls, text: str) -> 'ModelSource':
        """Read ``NAME=CONFIG[:CHECKPOINT]``; a comma may be the colon.

        Raises:
            ValueError: If the text is something else.
        """
        name, _, files = text.partition('=')
        config, _, checkpoint = files.replace(',', ':', 1).partition(':')
        if not name or not config:
            raise ValueError(f'{text!r} must be NAME=CONFIG[:CHECKPOINT]')
        return cls(name, config, checkpoint or None)


@dataclass(frozen=True)
class Look:
    """Input frames, attention and predictions of a model for a video.

    Attributes:
        probabilities: One for each label, float (C,), in 0..1.
        frames: Of its middle view, uint8 RGB (T, H, W, 3).
        overlay: Its attention over these frames, of the same shape.
        alpha: Share of the fine-tuned weights; None for CLIP itself.
        own_prompts: Whether it learned its prompts, so that the templates
            asked for were not used.
        damage: What is wrong with the video, '' if nothing is.
    """

    probabilities: np.ndarray
    frames: np.ndarray
    overlay: np.ndarray
    alpha: float | None
    own_prompts: bool
    damage: str = ''


class DemoModel:
    """A model, its way back to CLIP, and the video it saw last.

    Args:
        model: From :func:`mmovar.apis.init_recognizer`.
    """

    def __init__(self, model: CLIPRecognizer) -> None:
        self._model = model
        self._templates = model.cls_head.templates
        slider = None if model.weights is None else WeightSlider(model)
        self._slider = slider if slider and slider.moves else None
        self._latest: tuple[str, dict[str, Any]] | None = None

    @property
    def moves(self) -> bool:
        """Whether there is a way between CLIP and this model."""
        return self._slider is not None

    def look(
        self,
        video: str,
        labels: Sequence[str],
        templates: Sequence[str] = (),
        alpha: float = 1,
    ) -> Look:
        """Name what is in a video, and show where attention goes.

        Args:
            video: A file; its content must not change. It is read once.
            labels: To choose from.
            templates: Prompts with ``{}`` for the label; none for the
                model's own.
            alpha: Share of the fine-tuned weights, in 0..1.

        Raises:
            UnreadableVideoError: If the video cannot be read.
            ValueError: If a label does not fit the model, or ``alpha`` is out
                of range.
        """
        sample = self._read(video)
        if self._slider is not None:
            self._slider.move_to(alpha)
        own_prompts = self._set_text(labels, templates)
        frames = middle_view(sample)
        return Look(
            classify(self._model, sample).numpy(),
            frames,
            attention_overlay(self._model, frames),
            alpha if self.moves else None,
            own_prompts,
            damage_of(sample),
        )

    def _read(self, video: str) -> dict[str, Any]:
        if self._latest is None or self._latest[0] != video:
            self._latest = video, read_video(self._model, video)
        return self._latest[1]

    def _set_text(
        self, labels: Sequence[str], templates: Sequence[str]
    ) -> bool:
        """Return whether templates were asked for in vain."""
        learned = not self._model.cls_head.takes_templates
        if not learned:
            self._model.set_templates(templates or self._templates)
        self._model.set_vocabulary(labels)
        return learned and bool(templates)


def load_models(
    sources: Sequence[ModelSource],
    device: str | torch.device | None = None,
    options: Mapping[str, Any] | None = None,
    **loading: Any,
) -> dict[str, DemoModel]:
    """Load models.

    Args:
        sources: One or more, of different names.
        device: Where to run; None takes a GPU if there is one.
        options: Settings to override in each config.
        loading: What checkpoints may hold, as for ``init_recognizer``.

    Returns:
        Name to model.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If there is no source, or two have the same name.
    """
    names = [source.name for source in sources]
    if not names or len(set(names)) < len(names):
        raise ValueError(f'need models of different names, got {names}')
    for source in sources:  # before the first one loads for a minute
        for path in filter(None, (source.config, source.checkpoint)):
            if not Path(path).is_file():
                raise FileNotFoundError(f'{source.name}: no file {path!r}')
    return {
        source.name: DemoModel(
            init_recognizer(
                source.config,
                source.checkpoint,
                device=device,
                options=options,
                **loading,
            )
        )
        for source in sources
    }
