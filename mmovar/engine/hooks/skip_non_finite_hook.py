"""A loss or gradient that is not finite costs a step, not a run."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner

from ..optim_wrappers.finite_steps import FiniteSteps


@HOOKS.register_module()
class SkipNonFiniteHook(Hook):
    """Skip steps whose loss or gradient is not finite; stop after many.

    Weights, moments and what is averaged stay as they are, see
    :class:`FiniteSteps`; schedules go on. Each skipped step is logged, and
    their number once an epoch. A step that a loss scaler skips to find its
    scale is no failure, and its number is logged apart.

    It works with every ``OptimWrapper`` and loop. The loops of mmovar add
    it to runs that lack it.

    Args:
        max_in_a_row: The run ends when so many steps in a row are skipped,
            >= 1.

    Raises:
        ValueError: If ``max_in_a_row`` is below 1; before training, if a
            setting of the optimizer is not finite or lets nothing move.
        RuntimeError: While training, after ``max_in_a_row`` skipped steps,
            or if weights, moments or an average that are not finite would be
            saved.
    """

    priority = 'LOW'  # sees averages, and comes before checkpoints

    def __init__(self, max_in_a_row: int = 20) -> None:
        if not max_in_a_row >= 1:
            raise ValueError(f'max_in_a_row must be >= 1, got {max_in_a_row}')
        self.max_in_a_row = max_in_a_row
        self._guards: list[FiniteSteps] = []

    def before_train(self, runner: Runner) -> None:
        """Check the optimizers and cover their steps."""
        wrapper = runner.optim_wrapper
        several = isinstance(wrapper, OptimWrapperDict)
        wrappers = list(wrapper.values()) if several else [wrapper]
        for one in wrappers:
            _check_settings(one)
        self._guards = [FiniteSteps(one) for one in wrappers]
        self._seen = [0] * len(wrappers)

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Log a skipped step, and stop after too many in a row."""
        for i, guard in enumerate(self._guards):
            if guard.skipped == self._seen[i]:
                continue
            self._seen[i] = guard.skipped
            text = (
                f'iteration {runner.iter + 1} (epoch {runner.epoch + 1}): '
                'loss, gradient or learning rate is not finite; the step is '
                f'skipped, {guard.in_a_row} in a row'
            )
            if guard.in_a_row >= self.max_in_a_row:
                raise RuntimeError(
                    f'{text}. Training stops; the weights are those before '
                    'the first of them, and all checkpoints are whole. Try a '
                    'lower learning rate or clip_grad, or look at the data; '
                    'SkipNonFiniteHook(max_in_a_row=...) allows more'
                )
            runner.logger.warning(text)

    def after_train_epoch(self, runner: Runner) -> None:
        """Log how many steps were skipped."""
        for guard in self._guards:
            if guard.skipped or guard.rescaled:
                runner.logger.warning(
                    f'epoch {runner.epoch + 1}: {guard.skipped} of '
                    f'{guard.steps} steps so far were skipped, as loss or '
                    f'gradient was not finite, and {guard.rescaled} lowered '
                    'the loss scale'
                )

    def before_save_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Refuse to save what is not finite."""
        parts = ('state_dict', 'ema_state_dict', 'optimizer')
        saved = {key: checkpoint[key] for key in parts if key in checkpoint}
        bad = [n for n, v in _tensors(saved) if not v.isfinite().all()]
        if bad:
            raise RuntimeError(
                f'iteration {checkpoint["meta"]["iter"]}: {len(bad)} tensors '
                f'are not finite, so no checkpoint is written: {bad[:3]}'
            )


def _tensors(part: Any, name: str = '') -> Iterator[tuple[str, torch.Tensor]]:
    """Yield names and floating-point tensors of nested dicts and lists."""
    if isinstance(part, torch.Tensor):
        if part.is_floating_point():
            yield name, part
    elif isinstance(part, (dict, list, tuple)):
        items: Iterable = enumerate(part)
        if isinstance(part, dict):
            items = part.items()
        for key, value in items:
            yield from _tensors(value, f'{name}.{key}' if name else str(key))


def _check_settings(wrapper: OptimWrapper) -> None:
    """Refuse what is not finite or lets nothing move."""
    groups = wrapper.optimizer.param_groups
    for group in groups:
        for key, value in group.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            if key != 'params' and not all(
                math.isfinite(v) for v in values if isinstance(v, float)
            ):
                raise ValueError(
                    f'optim_wrapper.optimizer.{key} must be finite, got '
                    f'{value}'
                )
    if not any(group.get('initial_lr', group['lr']) > 0 for group in groups):
        raise ValueError('optim_wrapper.optimizer.lr is 0: nothing would move')
    clip = wrapper.clip_grad_kwargs or {}
    for key in ('max_norm', 'clip_value'):
        if key in clip and not clip[key] > 0:
            raise ValueError(
                f'optim_wrapper.clip_grad.{key} must be > 0, got {clip[key]}'
            )
