"""Test other weights than those a checkpoint was saved for."""

from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..saved_weights import saved_weights


@HOOKS.register_module()
class SelectAverageHook(Hook):
    """Load another average of a checkpoint, or the raw weights.

    A checkpoint of a run with averages is tested as its active one; this
    hook, or ``tools/test.py --average NAME``, picks another. Resuming is not
    touched.

    Args:
        name: ``'raw'``, or the ``name`` of an averaging hook of the training.

    Raises:
        KeyError: While a checkpoint is loaded that has no such weights.
    """

    priority = 'HIGH'  # before patching, and before averages are copied

    def __init__(self, name: str) -> None:
        self.name = name

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Put the weights in the place of ``state_dict``."""
        if not runner._resume:
            checkpoint['state_dict'] = saved_weights(checkpoint, self.name)
