"""Patch fine-tuned weights with CLIP's when they are tested."""

from typing import Any

from mmaction.registry import HOOKS

from ..weights.patching import resolve_alpha
from .prepare_checkpoint_hook import PrepareCheckpointHook


@HOOKS.register_module()
class WeightPatchHook(PrepareCheckpointHook):
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
        kwargs: As ``PrepareCheckpointHook``.

    Raises:
        ValueError: If not exactly one is given, or it is not in 0..1; while
            a checkpoint is loaded, if the model has no CLIP weights or the
            checkpoint lacks them.
    """

    def __init__(
        self,
        alpha: float | None = None,
        wise_ft: float | None = None,
        open_vclip_ratio: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha = resolve_alpha(
            alpha=alpha, wise_ft=wise_ft, open_vclip_ratio=open_vclip_ratio
        )
