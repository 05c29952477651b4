"""Meta steps of the small regression model."""

import torch
from mmaction.registry import OPTIM_WRAPPERS

import mmovar  # noqa: F401

from .toy import batch


def build_wrapper(
    model,
    kind='CrossBatchMetaOptimWrapper',
    lr=0.05,
    fused=True,
    **kwargs,
):
    """Build the wrapper of a model, with AdamW."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=lr, weight_decay=0.1, fused=fused
    )
    return OPTIM_WRAPPERS.build(dict(type=kind, optimizer=optimizer, **kwargs))


def run_episode(model, wrapper, tasks):
    """Take a meta step over pairs of support and query batch."""
    return wrapper.meta_step(
        model, [dict(support=s, query=q) for s, q in tasks]
    )


def pairs(num_tasks, seed=0, size=5):
    """Draw the pairs of some tasks."""
    return [
        (batch(size, seed + 2 * i), batch(size, seed + 2 * i + 1))
        for i in range(num_tasks)
    ]
