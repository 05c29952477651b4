"""The cosine of gradients over two processes."""

import gc

import pytest
import torch
import torch.distributed as dist
from mmengine.model import MMDistributedDataParallel
from test_cross_batch_meta import build, pairs, run_episode
from torch import multiprocessing
from toy import Toy, loss_of, weights

from mmovar.engine.hooks.watch_hook import gradient_cosine

pytestmark = pytest.mark.dist

WORLD = 2
OPTIONS = dict(inner_step='sgd', inner_lr=0.1, delta=0.5)


def measure(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=WORLD,
    )
    results = []
    for num_tasks in (1, 2):
        finals = []
        for wanted in (False, True):
            model = MMDistributedDataParallel(Toy(), device_ids=None)
            wrapper = build(model, **OPTIONS)
            found = {}
            wrapper.watch = found.__setitem__ if wanted else None
            tasks = pairs(WORLD * num_tasks)[rank * num_tasks :][:num_tasks]
            run_episode(model, wrapper, tasks)
            finals.append(weights(model))
        results.append((gradient_cosine(**found), torch.equal(*finals)))
    torch.save(results, f'{folder}/rank{rank}.pt')
    del model, wrapper
    gc.collect()  # a model that outlives the group may hang its end
    dist.barrier()
    dist.destroy_process_group()


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
    multiprocessing.spawn(measure, (str(tmp_path),), nprocs=WORLD)
    ranks = [torch.load(tmp_path / f'rank{rank}.pt') for rank in range(WORLD)]
    assert ranks[0] == ranks[1]
    for num_tasks, (value, same) in zip((1, 2), ranks[0], strict=True):
        last = pairs(WORLD * num_tasks)[num_tasks - 1 :: num_tasks]
        expected = torch.nn.functional.cosine_similarity(
            *gradients(last), dim=0
        )
        assert value == pytest.approx(expected.item(), abs=1e-4)
        assert same
