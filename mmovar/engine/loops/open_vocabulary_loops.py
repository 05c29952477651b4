"""MMEngine's loops over data that the options of a config choose."""

from collections.abc import Mapping
from typing import Any

import torch
from mmaction.registry import LOOPS
from mmengine.dist import get_world_size
from mmengine.runner import EpochBasedTrainLoop, Runner, ValLoop

from ..half_precision import autocast_to, half_type
from ..hooks.skip_non_finite_hook import SkipNonFiniteHook
from .loader_config import loader_config
from .update_size import micro_batches


@LOOPS.register_module()
class OpenVocabularyTrainLoop(EpochBasedTrainLoop):
    """Epochs whose updates are the same on any number of processes.

    An update takes ``total_batch_size`` videos: gradients of as many
    micro-batches are accumulated as it needs. ``batch_size`` of the
    dataloader is what a process reads at once, or its share of the total if
    that is less. So a learning rate and its batch stand side by side in a
    config and hold on any machine.

    An epoch begins anew: micro-batches left over at the end of the one before
    are dropped, as in the released code of ViFi-CLIP and TC-CLIP (MMEngine's
    own accumulation carries them over).

    A loss or gradient that is not finite costs a step: the loop adds
    ``SkipNonFiniteHook`` to a run without it.

    Options of the config are filled in before the data set is built, see
    :func:`mmovar.engine.fill_options`.

    Args:
        runner: Of the run.
        dataloader: Config of the dataloader; without a total also a built
            one.
        args: Of ``EpochBasedTrainLoop``.
        total_batch_size: Videos of an update over all processes, >= 1. None
            takes one batch of each process.
        kwargs: Of ``EpochBasedTrainLoop``.

    Raises:
        ValueError: If the number of processes does not fit the total, or an
            epoch is too short for an update.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: Any,
        *args: Any,
        total_batch_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(dataloader, Mapping):
            dataloader = loader_config(dataloader, runner)
        counts = 1
        if total_batch_size is not None:
            size, counts = micro_batches(
                total_batch_size, dataloader['batch_size'], get_world_size()
            )
            dataloader = dict(dataloader, batch_size=size)
        super().__init__(runner, dataloader, *args, **kwargs)
        self.total_batch_size = total_batch_size
        self.accumulative_counts = counts
        _check_length(self.dataloader, counts)

    def run(self) -> torch.nn.Module:
        """Train.

        Raises:
            ValueError: If the optimizer wrapper accumulates beside the loop,
                or so that an epoch ends within an update.
        """
        wrapper = self.runner.optim_wrapper
        own_counts = getattr(wrapper, '_accumulative_counts', 1)
        if self.total_batch_size is not None:
            if own_counts != 1:
                raise ValueError(
                    'accumulative_counts follows from total_batch_size of '
                    'the loop: give one of them'
                )
            wrapper._accumulative_counts = self.accumulative_counts
        elif len(self.dataloader) % own_counts:
            raise ValueError(
                f'accumulative_counts={own_counts} does not divide an epoch '
                f'of {len(self.dataloader)} batches, so no resumed run could '
                'be exact: give total_batch_size to the loop instead'
            )
        hooks = self.runner.hooks
        if not any(isinstance(hook, SkipNonFiniteHook) for hook in hooks):
            self.runner.register_hook(SkipNonFiniteHook())
        return super().run()

    def run_epoch(self) -> None:
        """Train for an epoch, from no gradient on."""
        if self.total_batch_size is not None:
            # -1: no remainder at the end of the training is waited for
            wrapper = self.runner.optim_wrapper
            wrapper.initialize_count_status(self.runner.model, 0, -1)
            wrapper.zero_grad()
        super().run_epoch()


def _check_length(dataloader: Any, counts: int) -> None:
    """Refuse an epoch without an update."""
    if len(dataloader) < counts:
        raise ValueError(
            f'an epoch is too short for an update: the '
            f'{len(dataloader.sampler)} videos of this process make '
            f'{len(dataloader)} batches of {dataloader.batch_size}, and an '
            f'update takes {counts}. Take a smaller batch, or drop_last=False'
        )


@LOOPS.register_module()
class OpenVocabularyValLoop(ValLoop):
    """``ValLoop`` that fills in options, see `fill_options`.

    Args:
        runner: Of the run.
        dataloader: Config of the dataloader, or a built one.
        args: Of ``ValLoop``.
        amp: Half precision to validate in, ``'bfloat16'`` or ``'float16'``;
            None for the weights' own.
        kwargs: Of ``ValLoop``.

    Raises:
        ValueError: If the device does not have the half precision.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: Any,
        *args: Any,
        amp: str | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(dataloader, Mapping):
            dataloader = loader_config(dataloader, runner)
        super().__init__(runner, dataloader, *args, **kwargs)
        if amp is not None:
            self.fp16, amp = True, half_type(amp)
        self._amp = amp

    def run(self) -> dict[str, Any]:
        """Validate."""
        with autocast_to(self._amp):
            return super().run()
