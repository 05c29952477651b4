"""What the demo answers, whatever page it is on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Lock

import numpy as np

from mmovar.visualization.palette import COLOURS
from mmovar.visualization.score_bars import score_bars
from mmovar.vocabulary import read_classnames, resolve_templates

from .limits import Limits
from .models import DemoModel, Look
from .time_limit import time_limit

SHOWN_LABELS = 10
"""Most labels in the bar chart."""


@dataclass(frozen=True)
class Answer:
    """What the page shows of one question.

    Attributes:
        text: The best label of each model, and what else is to be said.
        bars: Probabilities, an ``<svg>`` element.
        rows: Title to frames or attention overlays, uint8 RGB
            (T, H, W, 3).
    """

    text: str
    bars: str
    rows: dict[str, np.ndarray]


class Demo:
    """Models that answer one question at a time.

    Args:
        models: Name to model.
        limits: Which videos and questions they take.

    Raises:
        ValueError: If there is no model.
    """

    def __init__(
        self,
        models: Mapping[str, DemoModel],
        limits: Limits | None = None,
    ) -> None:
        if not models:
            raise ValueError('a demo needs a model')
        self.models = dict(models)
        self.limits = limits or Limits()
        self._stopped = Event()
        self._lock = Lock()  # a question moves weights and vocabulary

    @property
    def moves(self) -> bool:
        """Whether alpha changes any of the models."""
        return any(model.moves for model in self.models.values())

    def stop(self) -> None:
        """Break off the question that is being answered, and all others."""
        self._stopped.set()

    def answer(
        self,
        video: str | None,
        labels: str,
        templates: str,
        names: Sequence[str],
        alpha: float,
    ) -> Answer:
        """Answer a question.

        Args:
            video: A file; None if there is none yet.
            labels: One a line.
            templates: Prompts with ``{}``, one a line; may be empty.
            names: The models that are asked.
            alpha: Share of the fine-tuned weights, in 0..1.

        Raises:
            KeyError: If there is no such model.
            ValueError: If something is missing, malformed or too large, or
                takes too long, in words for the person at the page.
        """
        if not video:
            raise ValueError('Drop a video first.')
        self.limits.check_question(_lines(labels), _lines(templates))
        choices = parse_labels(labels)
        prompts = parse_templates(templates)
        if not names:
            raise ValueError('Choose a model.')
        self.limits.check_video(video)
        seconds = self.limits.answer_seconds
        if not self._lock.acquire(timeout=seconds):
            raise ValueError('The page is busy. Ask again in some minutes.')
        try:
            with time_limit(seconds, self._stopped):
                looks = {
                    name: self.models[name].look(
                        video, choices, prompts, alpha
                    )
                    for name in sorted(names, key=list(self.models).index)
                }
        finally:
            self._lock.release()
        bars = self._bars(looks, choices)
        return Answer(_describe(looks, choices), bars, _rows(looks))

    def _bars(self, looks: Mapping[str, Look], labels: Sequence[str]) -> str:
        order = list(self.models)
        colours = [COLOURS[order.index(n) % len(COLOURS)] for n in looks]
        said = {
            _title(n, look): look.probabilities for n, look in looks.items()
        }
        return score_bars(labels, said, colours, SHOWN_LABELS)


def parse_labels(text: str) -> tuple[str, ...]:
    """Read labels, one a line; empty lines do not count.

    Raises:
        ValueError: If there are less than two, or one occurs twice.
    """
    labels = _lines(text)
    if not labels:
        raise ValueError('Type the labels to choose from, one a line.')
    if len(labels) == 1:
        raise ValueError(
            f'{labels[0]!r} is the only label, so it would get 100 %. Type at '
            'least two, one a line.'
        )
    return read_classnames(labels)


def parse_templates(text: str) -> tuple[str, ...]:
    """Read templates, one a line, or the name of a set; may be empty.

    Raises:
        ValueError: If a template lacks its ``{}``.
    """
    lines = _lines(text)
    if len(lines) == 1:
        return resolve_templates(lines[0])
    return resolve_templates(lines) if lines else ()


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or '').splitlines() if line.strip()]


def _title(name: str, look: Look) -> str:
    return name if look.alpha is None else f'{name}, alpha {look.alpha:g}'


def _describe(looks: Mapping[str, Look], labels: Sequence[str]) -> str:
    """Tell the best label of each model and what was not used."""
    lines = []
    for name, look in looks.items():
        best = int(look.probabilities.argmax())
        line = f'{_title(name, look)}: {labels[best]}'
        line += f' ({100 * look.probabilities[best]:.1f} %)'
        if look.own_prompts:
            line += '; it learned its prompts, the templates are not used'
        lines.append(line)
    for damage in dict.fromkeys(look.damage for look in looks.values()):
        if damage:
            lines.append(f'The video is damaged: {damage}.')
    if len(labels) > SHOWN_LABELS:
        lines.append(
            f'The chart shows {SHOWN_LABELS} of {len(labels)} labels.'
        )
    return '\n'.join(lines)


def _rows(looks: Mapping[str, Look]) -> dict[str, np.ndarray]:
    """List the frames, once if models see the same, and the overlays."""
    sampled: list[tuple[np.ndarray, list[str]]] = []
    for name, look in looks.items():
        for frames, names in sampled:
            if np.array_equal(frames, look.frames):
                names.append(name)
                break
        else:
            sampled.append((look.frames, [name]))
    rows = {
        f'{len(frames)} frames, as seen by {", ".join(names)}': frames
        for frames, names in sampled
    }
    for name, look in looks.items():
        rows[f'Attention of {_title(name, look)} (yellow: much)'] = (
            look.overlay
        )
    return rows
