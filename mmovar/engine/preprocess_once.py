"""One preprocessed batch for two passes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class PreprocessOnce:
    """Reuse the preprocessed batch of one pass in the next.

    ``train_step`` of models and of their wrappers preprocesses the batch it
    is given. Blending (mixup, cutmix) is random there and writes soft labels
    into the samples, so preprocessing a batch twice would give two unlike
    ones. While a batch is kept, the preprocessor answers with it.

    Args:
        preprocessor: ``data_preprocessor`` of a model. Its ``forward`` is
            covered for as long as a batch is kept, never longer.
    """

    def __init__(self, preprocessor: nn.Module) -> None:
        self._preprocessor = preprocessor
        self._kept: list[tuple[Any, Any]] = []

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Keep what is preprocessed inside, until :meth:`release`.

        If an exception leaves the block, nothing is kept.
        """
        self.release()
        original = self._preprocessor.forward

        def forward(data: Any, training: bool = False) -> Any:
            if training:
                for batch, result in self._kept:
                    if batch is data:
                        return result
            result = original(data, training)
            if training and recording:
                self._kept.append((data, result))
            return result

        recording = True
        self._preprocessor.forward = forward
        try:
            yield
        except BaseException:
            self.release()
            raise
        recording = False

    def release(self) -> None:
        """Forget the batch."""
        self._kept.clear()
        vars(self._preprocessor).pop('forward', None)
