"""A bad pass on one of two processes costs both the same step."""

import pytest
import torch

from helpers.processes import run_processes
from helpers.toy import Poisoned, weights
from helpers.toy_training import Spy, build_runner, run_total_batch
from mmovar.engine.hooks import IWRHook, SkipNonFiniteHook

pytestmark = pytest.mark.dist

WRAPPED = dict(
    launcher='pytorch',
    cfg=dict(
        model_wrapper_cfg=dict(
            type='MMDistributedDataParallel', device_ids=None
        )
    ),
)
BAD = {'accumulated': 3, 'iwr': 2, 'iwr_second': 3, 'meta': 2}
"""The pass that is bad on the second process, counted from 0."""


def train(name, rank, folder):
    """Run 3 epochs; return the hook's counts and the weights over time."""
    work = folder / f'{name}{rank}'
    work.mkdir()
    model = Poisoned({BAD[name]} if rank else (), 'constant')
    del model.added  # DDP wants every parameter in the loss
    hook, spy = SkipNonFiniteHook(), Spy()
    hooks = [hook, *([IWRHook()] if name[:3] == 'iwr' else []), spy]
    settings = dict(hooks=hooks, epochs=3, model=model, **WRAPPED)
    if name == 'meta':
        build_runner(work, **settings).train()
    else:
        run_total_batch(work, 16 if name == 'accumulated' else 8, **settings)
    (guard,) = hook._guards
    return dict(
        counts=(guard.steps, guard.skipped),
        weights=torch.stack(spy.weights),
        last=weights(model),
    )


def train_all(rank, folder):
    return {name: train(name, rank, folder) for name in BAD}


def test_both_processes_skip_the_same_step(tmp_path):
    ranks = run_processes(train_all, tmp_path, tmp_path)
    for name in BAD:
        one, two = (rank[name] for rank in ranks)
        assert one['counts'] == two['counts']
        assert one['counts'][1] == 1, name
        assert torch.equal(one['weights'], two['weights']), name
        assert one['weights'].isfinite().all(), name
        skipped = 4 if name == 'accumulated' else 1
        steps = one['weights']
        assert torch.equal(steps[skipped], steps[skipped - 1]), name
        assert not torch.equal(steps[-1], steps[skipped]), name
