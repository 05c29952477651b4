"""Complete a release with CLIP, and fit it to the model that is built."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmovar.clip import mix

from .conversion import Conversion, clip_part
from .format import TEXT_TOWER

_LATER = 'of text that is not in the file: give base, the CLIP file'


def complete(
    conversion: Conversion,
    base: Mapping[str, Tensor],
    alpha: float = 1.0,
    text_from_base: bool = False,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Take from CLIP what a release lacks, and what it is asked to take.

    Args:
        conversion: Is changed, and says so.
        base: CLIP, under our names.
        alpha: Share of the release in what both have, see
            :func:`mmovar.clip.mix`.
        text_from_base: Whether the text tower is CLIP's.
        dtype: To mix in.

    Raises:
        ValueError: If CLIP has no text tower to take, or another shape.
    """
    add_base(conversion, base)
    if text_from_base:
        _use_text_of(conversion, base)
    if alpha < 1:
        _mix(conversion, base, alpha, dtype)


def add_base(conversion: Conversion, base: Mapping[str, Tensor]) -> None:
    """Take the parts of CLIP that a release does not contain from CLIP."""
    owned = {clip_part(n) for n in base if n in conversion.weights}
    for name, value in base.items():
        if clip_part(name) not in owned:
            conversion.weights[name] = value
            conversion.from_base.append(name)


def _use_text_of(conversion: Conversion, base: Mapping[str, Tensor]) -> None:
    """Take the text tower and its token table from CLIP."""
    text = {k: v for k, v in base.items() if k.startswith(TEXT_TOWER)}
    if not text:
        raise ValueError('text_from_base=True, but base has no text tower')
    conversion.weights.update(text)
    conversion.from_base += [n for n in text if n not in conversion.from_base]


def _mix(
    conversion: Conversion,
    base: Mapping[str, Tensor],
    alpha: float,
    dtype: torch.dtype,
) -> None:
    """Interpolate what both have; what CLIP lacks or gave stays."""
    for name, clip in base.items():
        own = conversion.weights.get(name)
        if own is None or name in conversion.from_base:
            continue
        if own.shape != clip.shape:
            raise ValueError(
                f'cannot mix: {name} is {tuple(own.shape)} in the release '
                f'and {tuple(clip.shape)} in base'
            )
        (conversion.weights[name],) = mix([clip], [own.to(dtype)], alpha)


def fill_from_base(
    config: dict[str, Any], conversion: Conversion, own: Mapping[str, Tensor]
) -> None:
    """Leave out what a model lacks, and fill what nothing reads.

    Args:
        config: Of the model.
        conversion: Is changed, and says so.
        own: The model's state dict.
    """
    for name in [n for n in conversion.from_base if n not in own]:
        conversion.from_base.remove(name)
        del conversion.weights[name]
    if 'cls_head' not in config:
        for theirs, ours in list(conversion.mapped.items()):
            if ours.startswith('cls_head.'):
                conversion.dropped[theirs] = _LATER
                del conversion.mapped[theirs], conversion.weights[ours]
    unread = 'backbone.proj'  # by an fc layer on the tower's width
    if config['backbone'].get('closed_set') and unread in own:
        conversion.weights.setdefault(unread, torch.zeros(own[unread].shape))
