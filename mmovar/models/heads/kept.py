"""Something computed from weights, kept while they are the same."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import torch
from torch import Tensor

from .fingerprint import fingerprint

Value = TypeVar('Value')


class Kept(Generic[Value]):
    """Keep a value until the weights that it was computed from change.

    Version counters are read at every call. The weights themselves are looked
    at when a counter moved or a phase (train, eval) began, since MMEngine's
    swaps go around the counters.
    """

    def __init__(self) -> None:
        self.drop()

    def drop(self) -> None:
        """Forget the value."""
        self._value: Value | None = None
        self._versions = self._marks = None
        self._new_phase = True

    def begin_phase(self) -> None:
        """Look at the weights themselves at the next call."""
        self._new_phase = True

    def get(
        self, weights: Sequence[Tensor], compute: Callable[[], Value]
    ) -> Value:
        """Return the value, computed anew if the weights are.

        It outlives the region of autocast or inference mode that asks.

        Args:
            weights: All weights that the value depends on, on one device.
            compute: Computes it; no gradient flows.
        """
        if not self._is_current(weights):
            device = weights[0].device.type
            with (
                torch.inference_mode(False),
                torch.no_grad(),
                torch.autocast(device, enabled=False),
            ):
                self._value = compute()
        return self._value

    def _is_current(self, weights: Sequence[Tensor]) -> bool:
        place = (weights[0].device, weights[0].dtype)
        versions = (place, tuple(p._version for p in weights))
        kept = self._value is not None
        if kept and versions == self._versions and not self._new_phase:
            return True
        marks = (place, fingerprint(weights))
        if marks != self._marks:
            self._value = None
        self._versions, self._marks = versions, marks
        self._new_phase = False
        return self._value is not None
