"""Parameter groups of equal settings as one."""

from collections.abc import Sequence
from typing import Any

from torch.optim import Optimizer

Group = dict[str, Any]

WAYS = ('differentiable', 'foreach', 'fused')
"""Settings that say how a step is computed, not what it is."""

_BY_GROUP = {'base_values', '_last_value', 'min_value_list'}  # of schedules


def merge_groups(groups: Sequence[Group]) -> list[Group]:
    """Merge groups of equal settings, in the order of the first of each.

    Args:
        groups: Of parameters, or of their numbers as in a checkpoint.

    Returns:
        New groups. A parameter of several groups stays in several, which
        PyTorch refuses.
    """
    merged: list[Group] = []
    for group in groups:
        for other in merged:
            shared = {id(p) for p in other['params']}
            if _settings(other) == _settings(group) and shared.isdisjoint(
                map(id, group['params'])
            ):
                other['params'].extend(group['params'])
                break
        else:
            params = list(group['params'])
            merged.append(dict(_settings(group), params=params))
    return merged


def _settings(group: Group) -> Group:
    # the factors are in lr and weight_decay already
    left_out = ('params', 'lr_mult', 'decay_mult')
    return {key: v for key, v in group.items() if key not in left_out}


def fit_groups(checkpoint: dict[str, Any], optimizer: Optimizer) -> None:
    """Make what a checkpoint has of an optimizer fit that of a run.

    MMEngine's constructor makes a group of each parameter. A checkpoint of it
    has its groups merged, in optimizer and schedules, if so they fit the run.
    How a step is computed is the run's choice. What does not fit is left to
    PyTorch to refuse.

    Args:
        checkpoint: Of MMEngine, from a run with one optimizer; changed in
            place.
        optimizer: The run's.
    """
    state, present = checkpoint['optimizer'], optimizer.param_groups
    saved = state['param_groups']
    merged = merge_groups(saved)
    if len(saved) != len(present) and _sizes(merged) == _sizes(present):
        state['param_groups'] = merged
        first = [group['params'][0] for group in saved]
        kept = [first.index(group['params'][0]) for group in merged]
        for schedule in checkpoint.get('param_schedulers', []):
            for key in _BY_GROUP & schedule.keys():
                values = schedule[key]  # one more is the optimizer's own
                schedule[key] = [values[i] for i in kept] + values[
                    len(saved) :
                ]
    for group in state['param_groups']:
        group.update({k: present[0][k] for k in WAYS if k in present[0]})


def _sizes(groups: Sequence[Group]) -> list[int]:
    return [len(group['params']) for group in groups]
