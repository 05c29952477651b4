"""Weight averages that are collected once an epoch."""

from typing import Any, ClassVar

from mmengine.hooks import EMAHook
from mmengine.runner import Runner


class EpochAverageHook(EMAHook):
    """Collect weights at the end of epochs; validate and test their average.

    All else is MMEngine's ``EMAHook``: the average is swapped in for
    validation and test, saved as ``state_dict`` of the checkpoint with the
    raw weights beside it, and resumed exactly. The initial weights (CLIP)
    are never collected; before the first collection, the raw weights are
    validated and saved. ``tools/average_checkpoints.py`` computes further
    averages from saved epochs.

    Raises:
        ValueError: Before a run, if it has another averaging hook; on resume,
            if the average of the checkpoint is of another hook.
    """

    name: ClassVar[str]
    """What the average is called in checkpoints."""

    def before_run(self, runner: Runner) -> None:
        """Check that the run has one average, and copy the model."""
        hooks = [
            type(hook).__name__
            for hook in runner.hooks
            if isinstance(hook, EMAHook)
        ]
        if len(hooks) > 1:
            raise ValueError(
                f'a run has one averaging hook, got {hooks}; '
                'tools/average_checkpoints.py makes further averages'
            )
        super().before_run(runner)

    def after_train_iter(self, *args, **kwargs) -> None:
        """Collect nothing: averages go by epoch."""

    def after_train_epoch(self, runner: Runner) -> None:
        """Collect the weights."""
        if self._ema_started(runner):
            self.ema_model.update_parameters(self.src_model)

    def before_save_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Save the average, once there is one."""
        if self.ema_model.steps:
            checkpoint['active_average'] = self.name
            super().before_save_checkpoint(runner, checkpoint)

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Resume the average; a test takes ``state_dict`` as it stands."""
        saved = checkpoint.get('active_average', 'EMAHook')
        other = 'ema_state_dict' in checkpoint and saved != self.name
        if runner._resume and other:
            raise ValueError(
                f'the checkpoint holds the average {saved!r}, this run '
                f'collects {self.name!r}; resume with the hook of the '
                'checkpoint'
            )
        super().after_load_checkpoint(runner, checkpoint)

    def _swap_ema_parameters(self) -> None:
        """Swap, once there is an average."""
        if self.ema_model.steps:
            super()._swap_ema_parameters()
