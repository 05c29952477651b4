"""Values computed from weights, kept while those are the same."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


class WeightKeyedCache:
    """Keep values until the weights that they were computed from change.

    Weights that are loaded, replaced, stepped or otherwise edited in place
    are noticed at the next call. Edits through ``.data`` are not, as those of
    MMEngine's averaging hooks: the owner has to :meth:`drop` the values
    wherever such edits may lie behind it.
    """

    def __init__(self) -> None:
        self.drop()

    def drop(self) -> None:
        """Forget the values."""
        self._values: dict[str, Any] = {}
        self._versions: tuple = ()

    def get(
        self, name: str, weights: Sequence[Tensor], compute: Callable[[], Any]
    ) -> Any:
        """Return a value, computed anew if it or the weights are.

        It outlives the region of autocast or inference mode that asks.

        Args:
            name: Which value.
            weights: All weights that the values depend on, on one device.
            compute: Computes it; no gradient flows.
        """
        versions = tuple((p.data_ptr(), p._version) for p in weights)
        if versions != self._versions:
            self._values, self._versions = {}, versions
        if name not in self._values:
            with (
                torch.inference_mode(False),
                torch.no_grad(),
                torch.autocast(weights[0].device.type, enabled=False),
            ):
                self._values[name] = compute()
        return self._values[name]
