"""Prepare the weights of a checkpoint before anyone sees them."""

from collections.abc import Sequence
from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from ..newest_checkpoint import check_resumable
from ..unwrap_model import unwrap_model
from ..weights.preparation import prepare_checkpoint


@HOOKS.register_module()
class PrepareCheckpointHook(Hook):
    """Turn what ``load_from`` names into weights of the model.

    It may be a released file, see :mod:`mmovar.released`. The tools of this
    project add this hook to each run. What is resumed stays as it is, but must
    be a checkpoint of a training.

    Args:
        raw: Whether to load the weights that the optimizer stepped to, where
            a checkpoint holds an average.
        allow_missing: Globs of names that may be missing, see
            :func:`mmovar.engine.weights.preparation.prepare_checkpoint`.

    Raises:
        ValueError: While a checkpoint is loaded, if there are no weights in
            it, a release does not fit, or a training cannot go on from it.
    """

    priority = 'VERY_HIGH'  # averaging hooks copy what they find
    alpha: float | None = None
    """Share of the loaded weights in their mix with CLIP in a test."""

    def __init__(
        self, raw: bool = False, allow_missing: Sequence[str] = ()
    ) -> None:
        self.raw, self.allow_missing = raw, allow_missing

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Prepare the weights, unless a training goes on with them."""
        if runner._resume:
            check_resumable(checkpoint, runner._load_from)
            return
        # MMEngine builds the training loop before it loads, and only then
        trains = isinstance(runner._train_loop, BaseLoop)
        try:
            prepare_checkpoint(
                checkpoint,
                unwrap_model(runner.model),
                self.raw,
                None if trains else self.alpha,
                self.allow_missing,
            )
        except ValueError as error:
            raise ValueError(f'{runner._load_from}: {error}') from error
