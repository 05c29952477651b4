"""Weight averages that are collected once an epoch."""

from typing import Any

from mmengine.hooks import EMAHook
from mmengine.runner import Runner


class EpochAverageHook(EMAHook):
    """Collect weights at the end of epochs; validate and test their average.

    All else is MMEngine's ``EMAHook``: the average is swapped in for
    validation and test, saved as ``state_dict`` of the checkpoint with the
    raw weights beside it, and resumed exactly. The initial weights (CLIP)
    are never collected; before the first collection, the average is the
    model itself.

    Args:
        average: Type of the averaged model.
        begin: First epoch to collect, counted from 1.
        end: Last epoch to collect; None for all.
        interval: Epochs from one collection to the next.
        kwargs: Of the averaged model.

    Raises:
        ValueError: If the window holds no epoch.
    """

    def __init__(
        self,
        average: type | str,
        begin: int = 1,
        end: int | None = None,
        interval: int = 1,
        **kwargs,
    ) -> None:
        super().__init__(ema_type=average, **kwargs)
        if begin < 1 or interval < 1 or (end is not None and end < begin):
            raise ValueError(
                'need 1 <= begin <= end and interval >= 1, got '
                f'begin={begin}, end={end}, interval={interval}'
            )
        self.begin, self.end, self.collect_interval = begin, end, interval

    def before_train(self, runner: Runner) -> None:
        """Check that the window holds an epoch of this run."""
        if self.begin > runner.max_epochs:
            raise ValueError(
                f'{type(self).__name__} begins in epoch {self.begin}, but '
                f'training has {runner.max_epochs}'
            )

    def after_train_iter(self, *args, **kwargs) -> None:
        """Collect nothing: averages go by epoch."""

    def after_train_epoch(self, runner: Runner) -> None:
        """Collect the weights, if the epoch is in the window."""
        epoch = runner.epoch + 1
        after_end = self.end is not None and epoch > self.end
        steps_in = epoch - self.begin
        if steps_in < 0 or after_end or steps_in % self.collect_interval:
            return
        self.ema_model.update_parameters(self.src_model)

    def before_val_epoch(self, runner: Runner) -> None:
        """Swap the average in."""
        self._follow()
        super().before_val_epoch(runner)

    def before_test_epoch(self, runner: Runner) -> None:
        """Swap the average in."""
        self._follow()
        super().before_test_epoch(runner)

    def before_save_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Save the average as ``state_dict``, the raw weights beside it."""
        self._follow()
        super().before_save_checkpoint(runner, checkpoint)

    def _follow(self) -> None:
        """Be the model as long as nothing is collected."""
        if self.ema_model.steps == 0:
            self.ema_model.module.load_state_dict(self.src_model.state_dict())
