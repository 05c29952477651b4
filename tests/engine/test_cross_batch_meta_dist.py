"""Several processes over gloo; all cases run in one pair of processes."""

from itertools import product

import pytest
import torch
import torch.distributed as dist
from mmengine.model import MMDistributedDataParallel

from helpers.meta import build_wrapper, pairs, run_episode
from helpers.processes import run_processes
from helpers.toy import Toy, weights

pytestmark = pytest.mark.dist

WORLD, EPISODES = 2, 3
CASES = list(product([1.0, 0.3], [1, 2]))  # weight, tasks


def train(model, support_weight, num_tasks, start=0):
    wrapper = build_wrapper(
        model,
        support_weight=support_weight,
        delta=0.7,
        clip_grad=dict(max_norm=0.5),
    )
    for step in range(EPISODES):
        tasks = pairs(WORLD * 2, seed=100 * step)
        run_episode(model, wrapper, tasks[start : start + num_tasks])
    return weights(model)


def run_cases(rank):
    return {case: run_case(rank, *case) for case in CASES}


def run_case(rank, support_weight, num_tasks):
    reductions = []

    def count(state, bucket):
        reductions.append(bucket.index())
        work = dist.all_reduce(bucket.buffer(), async_op=True)
        return work.get_future().then(lambda f: f.value()[0] / WORLD)

    model = MMDistributedDataParallel(Toy(), device_ids=None)
    model.register_comm_hook(None, count)
    final = train(model, support_weight, num_tasks, start=rank * num_tasks)
    return final, len(reductions)


@pytest.fixture(scope='module')
def ranks(tmp_path_factory):
    return run_processes(run_cases, tmp_path_factory.mktemp('ranks'))


@pytest.mark.parametrize(('support_weight', 'num_tasks'), CASES)
def test_processes_equal_one_process_with_their_tasks(
    ranks, support_weight, num_tasks
):
    first, second = (
        results[support_weight, num_tasks][0] for results in ranks
    )
    assert torch.equal(first, second)
    alone = train(Toy(), support_weight, WORLD * num_tasks)
    torch.testing.assert_close(first, alone, atol=1e-6, rtol=0)


@pytest.mark.parametrize(('support_weight', 'num_tasks'), CASES)
def test_an_episode_costs_one_all_reduce(ranks, support_weight, num_tasks):
    assert ranks[0][support_weight, num_tasks][1] == EPISODES
