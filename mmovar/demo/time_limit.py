"""An answer that takes too long is ended."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from torch.nn.modules.module import register_module_forward_pre_hook


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
