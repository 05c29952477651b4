"""Several processes over gloo; all cases run in one pair of processes."""

import gc
from itertools import product

import pytest
import torch
import torch.distributed as dist
from mmengine.model import MMDistributedDataParallel
from test_cross_batch_meta import build, pairs, run_episode
from torch import multiprocessing
from toy import Toy, weights

pytestmark = pytest.mark.dist

WORLD, EPISODES = 2, 3
CASES = list(product([1.0, 0.3], [1, 2]))  # weight, tasks


def train(model, support_weight, num_tasks, start=0):
    wrapper = build(
        model,
        support_weight=support_weight,
        delta=0.7,
        clip_grad=dict(max_norm=0.5),
    )
    for step in range(EPISODES):
        tasks = pairs(WORLD * 2, seed=100 * step)
        run_episode(model, wrapper, tasks[start : start + num_tasks])
    return weights(model)


def run_rank(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=WORLD,
    )
    results = {case: run_case(rank, *case) for case in CASES}
    torch.save(results, f'{folder}/rank{rank}.pt')
    gc.collect()  # a model that outlives the group may hang its end
    dist.barrier()
    dist.destroy_process_group()


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
    folder = tmp_path_factory.mktemp('ranks')
    multiprocessing.spawn(run_rank, (str(folder),), nprocs=WORLD)
    return [torch.load(folder / f'rank{rank}.pt') for rank in range(WORLD)]


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
