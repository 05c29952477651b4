"""From what a file holds to the weights that a model loads."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from torch import Tensor, nn

from mmovar.clip.containers import unwrap
from mmovar.released.conversion import converted_label, recognise

from .checkpoint_variants import raw_weights
from .patching import patch


def prepare_checkpoint(
    checkpoint: dict[str, Any],
    model: nn.Module,
    raw: bool = False,
    alpha: float | None = None,
    allow_missing: Sequence[str] = (),
) -> None:
    """Turn what a file holds into the weights that a model loads.

    In this order: a release is converted, and what it lacks of CLIP is the
    model's; raw weights take the place of an average; weights that may be
    missing are the model's; the result is patched with CLIP.

    Args:
        checkpoint: A checkpoint of MMEngine, a state dict, or a release.
            Changed in place: its ``state_dict`` is what is loaded.
        model: Built by a config.
        raw: Whether the raw weights are taken, if there is an average.
        alpha: Share of these weights in their mix with CLIP, see
            :func:`patch`; None mixes nothing.
        allow_missing: Globs of names. Such weights may be missing or of
            another shape, and are then those of the model; what the model
            has no place for is left out.

    Raises:
        ValueError: If there are no weights, or a release does not fit; if
            the model has no CLIP to mix in.
    """
    state_dict = unwrap(checkpoint)[0]
    if recognise(state_dict) or converted_label(checkpoint):
        from mmovar.released.files import convert_for  # it builds models

        state_dict = convert_for(model, checkpoint)
    elif raw:
        state_dict = raw_weights(dict(checkpoint, state_dict=state_dict))
    if allow_missing:
        _allow_missing(state_dict, model.state_dict(), allow_missing)
    if alpha is not None:
        state_dict = patch(_clip_of(model), state_dict, alpha)
    checkpoint['state_dict'] = state_dict


def _allow_missing(
    state_dict: dict[str, Tensor],
    own: dict[str, Tensor],
    patterns: Sequence[str],
) -> None:
    for name in own.keys() | state_dict.keys():
        if not any(fnmatchcase(name, pattern) for pattern in patterns):
            continue
        if name not in own:
            del state_dict[name]
        elif own[name].shape != getattr(state_dict.get(name), 'shape', None):
            state_dict[name] = own[name]


def _clip_of(model: nn.Module) -> dict[str, Tensor]:
    read = getattr(model, 'clip_state_dict', None)
    if read is None:
        raise ValueError(
            'weights are patched in a model with clip_state_dict(), such as '
            f'CLIPRecognizer, not in {type(model).__name__}'
        )
    return read()
