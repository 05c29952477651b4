"""The dict around the weights of a checkpoint."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .hf_format import StateDict

_WEIGHTS = (
    *('model_state', 'state_dict', 'model', 'model_state_dict', 'net'),
)
_REASONS = {
    'optim': 'state of the optimizer',
    'sched': 'state of the schedule',
    'scaler': 'state of mixed precision',
    'ema': 'a second, averaged copy of the weights',
    'average': 'further averages of the weights',
    'epoch': 'progress of training',
    'step': 'progress of training',
    'iter': 'progress of training',
    'max_accuracy': 'progress of training',
    'best': 'progress of training',
    'cfg': 'settings of training',
    'config': 'settings of training',
    'args': 'settings of training',
    'meta': 'settings of training',
    'name': 'settings of training',
    'message_hub': 'progress of training',
}


def unwrap(content: Any) -> tuple[StateDict, dict[str, str]]:
    """Take the weights out of what a file holds.

    Takes off the dict of a training checkpoint and ``module.`` of
    DistributedDataParallel.

    Args:
        content: A state dict, or a dict with one under ``model``,
            ``model_state``, ``state_dict`` or the like.

    Returns:
        Name to tensor; and what else there is, name to the reason why it is
        dropped.

    Raises:
        ValueError: If there are no weights.
    """
    if not isinstance(content, Mapping):
        raise ValueError(
            f'need a dict of weights, got {type(content).__name__}: a whole '
            'pickled model is not read, save its state_dict()'
        )
    dropped: dict[str, str] = {}
    inside = next((n for n in _WEIGHTS if _has_tensors(content.get(n))), None)
    if inside is not None:
        dropped = {
            str(name): _reason(str(name)) for name in content if name != inside
        }
        content = content[inside]
    weights: StateDict = OrderedDict()
    if hasattr(content, '_metadata'):  # such as class names
        weights._metadata = content._metadata  # type: ignore[attr-defined]
    for name, value in content.items():
        if isinstance(value, Tensor):
            weights[str(name).removeprefix('module.')] = value
        elif _is_array(value):
            name = str(name).removeprefix('module.')
            weights[name] = torch.as_tensor(value)
        else:
            dropped[str(name)] = f'no tensor ({type(value).__name__})'
    if not weights:
        raise ValueError(
            'there are no weights in it, neither as the dict itself nor as '
            f'one of its entries {list(_WEIGHTS)}; entries are '
            f'{[str(name) for name in content][:8]}'
        )
    return weights, dropped


def _has_tensors(entry: Any) -> bool:
    return isinstance(entry, Mapping) and any(
        isinstance(value, Tensor) or _is_array(value)
        for value in entry.values()
    )


def _is_array(value: Any) -> bool:
    return type(value).__module__ == 'numpy' and hasattr(value, 'shape')


def _reason(name: str) -> str:
    for part, reason in _REASONS.items():
        if part in name.lower():
            return reason
    return 'beside the weights of the model'
