"""Normalisation of clips on the device that computes."""

from collections.abc import Sequence

from mmaction.models.data_preprocessors import ActionDataPreprocessor
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor


@MODELS.register_module()
class ClipDataPreprocessor(ActionDataPreprocessor):
    """``ActionDataPreprocessor`` that takes stacked clips, too.

    Clips travel as they are, uint8, without the program waiting for it if
    they are pinned; they become floats on the device.

    Args:
        args: Of ``ActionDataPreprocessor``.
        kwargs: Of ``ActionDataPreprocessor``.
    """

    takes_stacked_clips = True

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._non_blocking = True

    def preprocess(
        self,
        inputs: Tensor | Sequence[Tensor],
        data_samples: SampleList,
        training: bool = False,
    ) -> tuple:
        """Normalise and blend.

        Args:
            inputs: A list of clips, or a tensor (B, ...) of them.
            data_samples: One for each.
            training: Whether to blend.
        """
        plain = self.format_shape == 'NCTHW' and self._enable_normalize
        if self.to_rgb or not plain or not isinstance(inputs, Tensor):
            return super().preprocess(list(inputs), data_samples, training)
        clips = (inputs - self.mean).div_(self.std)  # one copy in memory
        if training and self.blending is not None:
            return self.blending(clips, data_samples)
        return clips, data_samples
