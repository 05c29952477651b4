"""Which weights a checkpoint holds: raw ones and averages."""

import copy
from collections.abc import Mapping
from typing import Any

from torch import Tensor

RAW = 'raw'
"""Name of the weights that the optimizer stepped to."""

_PREFIX = 'module.'  # of averaged models


def saved_names(checkpoint: Mapping[str, Any]) -> list[str]:
    """Name the weights that a checkpoint holds.

    Args:
        checkpoint: As MMEngine saves it. ``state_dict`` is the average that
            ``active_average`` names, with the raw weights in
            ``ema_state_dict``, or it is the raw weights themselves;
            ``averages`` holds further ones.

    Returns:
        ``'raw'``, and the names of the averages.
    """
    active = checkpoint.get('active_average')
    names = [RAW] if active is None else [RAW, active]
    return [*names, *checkpoint.get('averages', ())]


def saved_weights(
    checkpoint: Mapping[str, Any], name: str
) -> dict[str, Tensor]:
    """Take one of the weights that a checkpoint holds.

    Args:
        checkpoint: See :func:`saved_names`.
        name: One of :func:`saved_names`.

    Returns:
        A state dict under the model's names.

    Raises:
        KeyError: If the checkpoint holds no weights of that name.
    """
    if name not in saved_names(checkpoint):
        raise KeyError(
            f'the checkpoint holds no weights {name!r}; those it holds are '
            f'{saved_names(checkpoint)}'
        )
    # keeps its metadata: the class names
    state_dict = copy.copy(checkpoint['state_dict'])
    if name == RAW:
        source = checkpoint.get('ema_state_dict', {})
    elif name == checkpoint.get('active_average'):
        source = {}
    else:
        source = checkpoint['averages'][name]
    for key, value in source.items():
        if key.startswith(_PREFIX):
            state_dict[key[len(_PREFIX) :]] = value
    return state_dict
