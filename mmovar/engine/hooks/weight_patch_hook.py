"""Patch fine-tuned weights with CLIP's when they are tested."""

from typing import Any

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from ..interfaces import StartsFromCLIP
from ..unwrap_model import unwrap_model
from ..weights.patching import patch, resolve_alpha


@HOOKS.register_module()
class WeightPatchHook(Hook):
    r"""Test :math:`(1-\alpha)\theta_{CLIP} + \alpha\theta`.

    Loaded weights are patched before anyone else sees them, so that an
    averaging hook of the same config swaps patched weights in: what a
    checkpoint holds as ``state_dict`` (the average, if there is one) is
    patched. Training is not touched, neither its start nor its validation;
    without a checkpoint there is nothing to patch. The model needs
    ``clip_state_dict()``, as ``CLIPRecognizer`` has it.

    Give one of the three. Source: see
    :func:`mmovar.engine.weights.patching.patch`.

    Args:
        alpha: Share of the fine-tuned weights, 0 (CLIP) to 1 (fine-tuned).
        wise_ft: The same, by the name of the paper.
        open_vclip_ratio: Share of CLIP, as Open-VCLIP's code counts it.

    Raises:
        ValueError: If not exactly one is given, or it is not in 0..1; while
            a checkpoint is loaded, if the model has no CLIP weights or the
            checkpoint lacks them.
    """

    priority = 'ABOVE_NORMAL'  # EMAHook is NORMAL and copies what it finds

    def __init__(
        self,
        alpha: float | None = None,
        wise_ft: float | None = None,
        open_vclip_ratio: float | None = None,
    ) -> None:
        self.alpha = resolve_alpha(
            alpha=alpha, wise_ft=wise_ft, open_vclip_ratio=open_vclip_ratio
        )

    def after_load_checkpoint(
        self, runner: Runner, checkpoint: dict[str, Any]
    ) -> None:
        """Patch the weights of a checkpoint that is to be tested."""
        # MMEngine builds the training loop before it loads, and only then
        if runner._resume or isinstance(runner._train_loop, BaseLoop):
            return
        model = unwrap_model(runner.model)
        if not isinstance(model, StartsFromCLIP):
            raise ValueError(
                'WeightPatchHook needs a model with clip_state_dict(), such '
                f'as CLIPRecognizer, got {type(model).__name__}'
            )
        checkpoint['state_dict'] = patch(
            model.clip_state_dict(), checkpoint['state_dict'], self.alpha
        )
