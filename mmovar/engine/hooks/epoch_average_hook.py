"""Weight averages that are collected once an epoch."""

from typing import Any

from mmengine.hooks import EMAHook
from mmengine.runner import Runner

from ..saved_weights import RAW


class EpochAverageHook(EMAHook):
    """Collect weights at the end of epochs; validate and test their average.

    All else is MMEngine's ``EMAHook``: the average is swapped in for
    validation and test, saved as ``state_dict`` of the checkpoint with the
    raw weights beside it, and resumed exactly. The initial weights (CLIP)
    are never collected; before the first collection, the average is the
    model itself.

    Several averages may run side by side. One of them at most is ``active``
    and does the above; the others are collected, saved under
    ``averages/{name}`` and resumed, and ``SelectAverageHook`` or
    ``tools/test.py --average NAME`` tests them. A stock ``EMAHook`` counts
    as active.

    Args:
        average: Type of the averaged model.
        begin: First epoch to collect, counted from 1.
        end: Last epoch to collect; None for all.
        interval: Epochs from one collection to the next.
        name: What the average is called in checkpoints.
        active: Whether this average is validated, tested and saved as
            ``state_dict``.
        kwargs: Of the averaged model.

    Raises:
        ValueError: If the window holds no epoch; before a run, if another
            hook is active too or has the same name; on resume, if another
            average was active in the checkpoint.
    """

    def __init__(
        self,
        average: type | str,
        begin: int = 1,
        end: int | None = None,
        interval: int = 1,
        name: str = 'average',
        active: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(ema_type=average, **kwargs)
        if begin < 1 or interval < 1 or (end is not None and end < begin):
            raise ValueError(
                'need 1 <= begin <= end and interval >= 1, got '
                f'begin={begin}, end={end}, interval={interval}'
            )
        if not name or name == RAW:
            raise ValueError(f'name must not be empty or {RAW!r}: {name!r}')
        self.begin, self.end, self.collect_interval = begin, end, interval
        self.name, self.active = name, active

    def before_run(self, runner: Runner) -> None:
        """Check the averages against each other and copy the model."""
        hooks = [hook for hook in runner.hooks if isinstance(hook, EMAHook)]
        names = [getattr(hook, 'name', 'EMAHook') for hook in hooks]
        if len(set(names)) < len(names):
            raise ValueError(
                f'each average needs a `name` of its own, got {names}'
            )
        active = [h for h in hooks if getattr(h, 'active', True)]
        if len(active) > 1:
            raise ValueError(
                f'only one of the averages {names} may be active; give '
                'active=False to the others'
            )
        super().before_run(runner)

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
        """Save the average, as ``state_dict`` if it is active."""
        self._follow()
        if self.active:
            checkpoint['active_average'] = self.name
            super().before_save_checkpoint(runner, checkpoint)
        else:
            averages = checkpoint.setdefault('averages', {})
            averages[self.name] = self.ema_model.state_dict()

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Resume the average; a test takes ``state_dict`` as it stands."""
        if runner._resume:
            self._check_active(runner, checkpoint)
        if self.active:
            super().after_load_checkpoint(runner, checkpoint)
        elif runner._resume and self.name in checkpoint.get('averages', {}):
            self.ema_model.load_state_dict(
                checkpoint['averages'][self.name], strict=self.strict_load
            )
        elif runner._resume:
            runner.logger.warning(
                f'the checkpoint has no average {self.name!r}; '
                f'{type(self).__name__} begins anew'
            )

    def _check_active(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Refuse to resume from an average instead of the raw weights."""
        if 'ema_state_dict' not in checkpoint:
            return  # `state_dict` is raw
        saved = checkpoint.get('active_average')  # None: MMEngine's own hook
        active = [
            getattr(hook, 'name', None)
            for hook in runner.hooks
            if isinstance(hook, EMAHook) and getattr(hook, 'active', True)
        ]
        if not active or (saved is not None and saved not in active):
            raise ValueError(
                f'average {saved!r} is active in the checkpoint, but '
                f'{active} in this run; keep it active to resume'
            )

    def _swap_ema_parameters(self) -> None:
        """Swap, unless another average is the active one."""
        if self.active:
            super()._swap_ema_parameters()

    def _follow(self) -> None:
        """Be the model as long as nothing is collected."""
        if self.ema_model.steps == 0:
            self.ema_model.module.load_state_dict(self.src_model.state_dict())
