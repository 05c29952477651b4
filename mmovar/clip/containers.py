"""The dict around the weights of a checkpoint."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .hf_format import StateDict

# DeepSpeed has `module`, and averages of weights by themselves `shadow`
_WEIGHTS = (
    *('model_state', 'state_dict', 'model', 'model_state_dict', 'net'),
    *('module', 'shadow'),
)
_WRAPPERS = re.compile(r'(module\.|_orig_mod\.)+')  # DDP, torch.compile
_COPY = 'a second, averaged copy of the weights'
_PROGRESS, _SETTINGS = 'progress of training', 'settings of training'
_REASONS = {  # by the beginning of a word
    'optim': 'state of the optimizer',
    '(lr_?)?sched': 'state of the schedule',
    '(grad_?)?scaler': 'state of mixed precision',
    'amp': 'state of mixed precision',
    'rng': 'state of random numbers',
    '(ema|shadow)(?![a-z])': _COPY,
    'average': 'further averages of the weights',
    '(message_hub|callback|loops)': _PROGRESS,
    '(cfg|config|args|meta|hparams|hyper_|name)': _SETTINGS,
    '(epoch|step|iter|global_|max_acc|acc|best|loss)': _PROGRESS,
}
_UNKNOWN = 'beside the weights of the model'
_FOREIGN = {'fusion_model_state_dict': "ActionCLIP's temporal transformer"}


def unwrap(content: Any) -> tuple[StateDict, dict[str, str]]:
    """Take the weights out of what a file holds.

    Takes off the dict of a training checkpoint, ``module.`` of
    DistributedDataParallel and ``_orig_mod.`` of ``torch.compile``. No tensor
    is left out unless it is known what it is, such as an optimizer's; what
    lies in a checkpoint of MMEngine is known to be its hooks'.

    Args:
        content: A state dict, or a dict with one under ``model``,
            ``model_state``, ``state_dict`` or the like.

    Returns:
        Name to tensor; and what else there is, name to the reason why it is
        dropped.

    Raises:
        ValueError: If there are no weights, two of a name, or other tensors
            than the weights.
    """
    if not isinstance(content, Mapping):
        raise ValueError(
            f'need a dict of weights, got {type(content).__name__}: a whole '
            'pickled model is not read, save its state_dict()'
        )
    dropped: dict[str, str] = {}
    inside = next((n for n in _WEIGHTS if _has_tensors(content.get(n))), None)
    if inside is not None:
        beside = {str(k): v for k, v in content.items() if k != inside}
        dropped = {name: _reason(name) for name in beside}
        if not (inside == 'state_dict' and 'meta' in content):
            _require_known(beside, f'the weights of {inside!r}')
        content = content[inside]
    weights: StateDict = OrderedDict()
    if hasattr(content, '_metadata'):  # such as class names
        weights._metadata = content._metadata  # type: ignore[attr-defined]
    other = {}
    for key, value in content.items():
        name = _WRAPPERS.sub('', str(key), count=1)
        if not _is_tensor(value):
            other[str(key)] = value
            dropped[str(key)] = f'no tensor ({type(value).__name__})'
        elif name in weights:
            raise ValueError(f'two weights are {name!r}, one is {key!r}')
        else:
            weights[name] = torch.as_tensor(value)
    if not weights:
        raise ValueError(
            'there are no weights in it, neither as the dict itself nor as '
            f'one of its entries {list(_WEIGHTS)}; entries are '
            f'{[str(name) for name in content][:8]}'
        )
    _require_known(other, 'the weights')
    return weights, dropped


def _require_known(beside: Mapping[str, Any], weights: str) -> None:
    """Refuse tensors that may belong to the model."""
    unknown = [
        f'{name!r} ({_FOREIGN[name]})' if name in _FOREIGN else repr(name)
        for name, value in beside.items()
        if _may_be_weights(_reason(name), value)
    ]
    if unknown:
        raise ValueError(
            f'beside {weights} the file holds tensors under '
            f'{", ".join(unknown[:6])}. If the model does not need them, save '
            'its state_dict() by itself'
        )


def _may_be_weights(reason: str, value: Any) -> bool:
    if reason == _PROGRESS:  # numbers may be tensors too
        return _has_tensors(value)
    return reason == _UNKNOWN and _holds_tensors(value)


def _has_tensors(entry: Any) -> bool:
    return isinstance(entry, Mapping) and any(map(_is_tensor, entry.values()))


def _holds_tensors(entry: Any, depth: int = 4) -> bool:
    """Tell whether there is a tensor at some depth."""
    if isinstance(entry, Mapping):
        entry = list(entry.values())
    if depth and isinstance(entry, (list, tuple)):
        return any(_holds_tensors(value, depth - 1) for value in entry)
    return _is_tensor(entry)


def _is_tensor(value: Any) -> bool:
    if type(value).__module__ == 'numpy' and hasattr(value, 'dtype'):
        return value.dtype.kind in 'biufc'
    return isinstance(value, Tensor)


def _reason(name: str) -> str:
    for part, reason in _REASONS.items():
        if re.search(f'(?<![a-z]){part}', name.lower()):
            return reason
    return _UNKNOWN
