"""Test the raw weights of a checkpoint instead of its average."""

from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ..weights.checkpoint_variants import raw_weights


@HOOKS.register_module()
class RawWeightsHook(Hook):
    """Load the raw weights of a checkpoint, not their average.

    ``tools/test.py --raw`` adds this hook. Resuming is not touched.
    """

    priority = 'HIGH'  # before patching, and before averages are copied

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Put the raw weights in the place of ``state_dict``."""
        if not runner._resume:
            checkpoint['state_dict'] = raw_weights(checkpoint)
