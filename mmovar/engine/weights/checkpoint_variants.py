"""Which weights a checkpoint holds: an average, and raw ones beside it."""

import copy
from collections.abc import Mapping
from typing import Any

from torch import Tensor

_PREFIX = 'module.'  # of averaged models


def raw_weights(checkpoint: Mapping[str, Any]) -> dict[str, Tensor]:
    """Take the weights that the optimizer stepped to.

    Args:
        checkpoint: As MMEngine saves it. ``state_dict`` is the average, with
            the raw weights in ``ema_state_dict``, or it is the raw weights
            themselves.

    Returns:
        A state dict under the model's names.
    """
    raw = {
        key.removeprefix(_PREFIX): value
        for key, value in checkpoint.get('ema_state_dict', {}).items()
        if key.startswith(_PREFIX)
    }
    state_dict = copy.copy(checkpoint['state_dict'])  # with its class names
    state_dict.update(raw)
    return state_dict
