"""Which questions the demo takes, and how long it thinks."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from torch.nn.modules.module import register_module_forward_pre_hook


@dataclass(frozen=True)
class QuestionLimits:
    """The largest question to take.

    Attributes:
        labels: Most labels.
        templates: Most templates.
        letters: Of the longest label or template.
        seconds: Longest time to answer; others wait for as long.
        waiting: Most questions that wait for their turn.

    Raises:
        ValueError: If one is not above 0.
    """

    labels: int = 1000
    templates: int = 100
    letters: int = 300
    seconds: float = 300.0
    waiting: int = 20

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f'{name} must be above 0, got {value}')

    def check(self, labels: Sequence[str], templates: Sequence[str]) -> None:
        """Refuse too many lines, or too long ones.

        Raises:
            ValueError: In words for the person at the page.
        """
        for lines, name in ((labels, 'labels'), (templates, 'templates')):
            most = getattr(self, name)
            if len(lines) > most:
                raise ValueError(
                    f'{len(lines)} {name} are too many: this page takes up to '
                    f'{most}'
                )
            for line in lines:
                if len(line) > self.letters:
                    raise ValueError(
                        f'{line[:30]!r}... has {len(line)} letters; this page '
                        f'takes {name} of up to {self.letters}'
                    )


@contextmanager
def time_limit(seconds: float, stopped: Event) -> Iterator[None]:
    """End what models compute, in whichever layer they are.

    Meant for a process that asks one model at a time: it counts for all.

    Args:
        seconds: From now.
        stopped: Set to end it at once.

    Raises:
        ValueError: In words for the person at the page.
    """
    end = time.monotonic() + seconds

    def check(*_: Any) -> None:
        if stopped.is_set():
            raise ValueError('The page is being closed.')
        if time.monotonic() > end:
            raise ValueError(
                f'This question takes longer than {seconds:g} s. Ask with '
                'fewer labels, templates or models'
            )

    hook = register_module_forward_pre_hook(check)
    try:
        yield
    finally:
        hook.remove()
