"""Accumulate gradients to a total batch, whatever the number of GPUs."""

from mmaction.registry import OPTIM_WRAPPERS
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import nn


class TotalBatchMixin:
    """The total batch, to be put before an optimizer wrapper of MMEngine.

    An update takes ``total_batch_size`` samples: as many micro-batches are
    accumulated as it needs with the batch size of the dataloader and the
    number of processes. So a learning rate and its batch stand side by side
    in a config and hold on any machine. ``AccumulationHook`` tells the
    micro-batch before training.

    An epoch begins anew: the micro-batches left over at the end of the one
    before are dropped, as in the released code of ViFi-CLIP and TC-CLIP
    (MMEngine's own accumulation carries them over).

    Args:
        args: Of the optimizer wrapper.
        total_batch_size: Samples of an update over all processes, >= 1.
        kwargs: Of the optimizer wrapper, without ``accumulative_counts``.

    Raises:
        ValueError: If ``total_batch_size`` is below 1, or
            ``accumulative_counts`` is given as well.
    """

    def __init__(self, *args, total_batch_size: int, **kwargs) -> None:
        if total_batch_size < 1:
            raise ValueError(
                f'total_batch_size must be >= 1, got {total_batch_size}'
            )
        if 'accumulative_counts' in kwargs:
            raise ValueError(
                'accumulative_counts follows from total_batch_size: give '
                'one of them, to OptimWrapper or to TotalBatchOptimWrapper'
            )
        super().__init__(*args, **kwargs)
        self.total_batch_size = total_batch_size
        self._micro_batch: int | None = None

    def set_micro_batch(self, samples: int, length: int) -> None:
        """Choose how many micro-batches an update takes.

        Args:
            samples: Samples of a micro-batch, over all processes.
            length: Micro-batches of an epoch.

        Raises:
            ValueError: If the total is no multiple of a micro-batch, or an
                epoch too short for an update.
        """
        if self.total_batch_size % samples:
            raise ValueError(
                f'total_batch_size {self.total_batch_size} is no multiple of '
                f'the {samples} samples that all processes read at once: '
                'change train_dataloader.batch_size or the number of GPUs'
            )
        counts = self.total_batch_size // samples
        if length < counts:
            raise ValueError(
                f'an epoch of {length} micro-batches of {samples} samples is '
                f'too short for an update of {self.total_batch_size}'
            )
        self._micro_batch, self._accumulative_counts = samples, counts

    def start_epoch(self, model: nn.Module) -> None:
        """Drop the gradients of what was left over.

        Raises:
            RuntimeError: If nobody told the micro-batch.
        """
        if self._micro_batch is None:
            raise RuntimeError(
                f'{type(self).__name__} needs AccumulationHook among the '
                'custom_hooks'
            )
        # -1: no remainder at the end of the training is waited for
        super().initialize_count_status(model, 0, -1)
        self.zero_grad()

    def initialize_count_status(
        self, model: nn.Module, init_counts: int, max_counts: int
    ) -> None:
        """Start counting; MMEngine calls it once, before the first epoch."""
        self.start_epoch(model)


@OPTIM_WRAPPERS.register_module()
class TotalBatchOptimWrapper(TotalBatchMixin, OptimWrapper):
    """Accumulation to a total batch, see :class:`TotalBatchMixin`."""


@OPTIM_WRAPPERS.register_module()
class TotalBatchAmpOptimWrapper(TotalBatchMixin, AmpOptimWrapper):
    """Accumulation to a total batch with autocast.

    All else as :class:`TotalBatchOptimWrapper`.
    """
