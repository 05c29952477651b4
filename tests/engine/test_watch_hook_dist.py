"""The cosine of gradients over two processes."""

import pytest
import torch
from mmengine.model import MMDistributedDataParallel

from helpers.meta import build_wrapper, pairs, run_episode
from helpers.processes import run_processes
from helpers.toy import Toy, loss_of, weights
from mmovar.engine.hooks.watch_hook import gradient_cosine

pytestmark = pytest.mark.dist

WORLD = 2
OPTIONS = dict(inner_step='sgd', inner_lr=0.1, delta=0.5)


def measure(rank):
    results = []
    for num_tasks in (1, 2):
        finals = []
        for wanted in (False, True):
            model = MMDistributedDataParallel(Toy(), device_ids=None)
            wrapper = build_wrapper(model, **OPTIONS)
            found = {}
            wrapper.watch = found.__setitem__ if wanted else None
            tasks = pairs(WORLD * num_tasks)[rank * num_tasks :][:num_tasks]
            run_episode(model, wrapper, tasks)
            finals.append(weights(model))
        results.append((gradient_cosine(**found), torch.equal(*finals)))
    return results


def gradients(tasks):
    """Support and query gradient of each task, as one process computes."""
    support, query = [], []
    for own, other in tasks:
        model = Toy()
        params = list(model.parameters())
        grads = torch.autograd.grad(loss_of(model, own), params)
        support.append(torch.cat([g.flatten() for g in grads]))
        with torch.no_grad():
            for p, g in zip(params, grads, strict=True):
                p.sub_(0.1 * g)
        grads = torch.autograd.grad(loss_of(model, other), params)
        query.append(torch.cat([g.flatten() for g in grads]))
    return sum(support), sum(query)


def test_cosine_is_that_of_the_means_over_processes(tmp_path):
    ranks = run_processes(measure, tmp_path)
    assert ranks[0] == ranks[1]
    for num_tasks, (value, same) in zip((1, 2), ranks[0], strict=True):
        last = pairs(WORLD * num_tasks)[num_tasks - 1 :: num_tasks]
        expected = torch.nn.functional.cosine_similarity(
            *gradients(last), dim=0
        )
        assert value == pytest.approx(expected.item(), abs=1e-4)
        assert same
