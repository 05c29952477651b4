"""IWR in two processes over gloo; all cases run in one pair."""

import copy

import pytest
import torch
import torch.distributed as dist
from mmengine.logging import MessageHub
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper

from helpers.processes import run_processes
from helpers.toy import ClipToy, batch, flat_gradient, interpolated, weights
from helpers.toy_training import BarePass
from mmovar.engine.hooks import IWRHook

pytestmark = pytest.mark.dist

WORLD, ITERATIONS = 2, 4
CASES = [1, 2]  # accumulated passes


def data_of(rank, iteration):
    return batch(6, seed=10 * iteration + rank)


class KeepGradients(torch.optim.SGD):
    """Step, and remember along what."""

    def __init__(self, params):
        super().__init__(params, lr=0.1)
        self.seen = []

    def step(self, *args, **kwargs):
        params = self.param_groups[0]['params']
        grads = [p.grad.flatten() for p in params]
        self.seen.append(torch.cat(grads))
        return super().step(*args, **kwargs)


def train(rank, accumulate):
    """Run a case."""
    reductions = []

    def count(state, bucket):
        reductions.append(bucket.index())
        dist.all_reduce(bucket.buffer())
        future = torch.futures.Future()
        future.set_result(bucket.buffer() / WORLD)
        return future

    model = ClipToy()
    del model.added  # DDP wants every parameter in the loss
    optimizer = KeepGradients(model.parameters())
    model = MMDistributedDataParallel(model, device_ids=None)
    model.register_comm_hook(None, count)
    wrapper = OptimWrapper(optimizer, accumulative_counts=accumulate)
    wrapper.message_hub = MessageHub.get_instance('iwr')
    wrapper.initialize_count_status(model.module, 0, ITERATIONS)
    hook = IWRHook()
    trainer = BarePass(model, wrapper)
    hook.before_train(trainer)
    for iteration in range(ITERATIONS):
        trainer.step(hook, data_of(rank, iteration))
    return dict(
        final=weights(model),
        steps=optimizer.seen,
        alphas=[hook.draw_alpha(i) for i in range(ITERATIONS)],
        reductions=len(reductions),
    )


def run_cases(rank):
    return {case: train(rank, case) for case in CASES}


@pytest.fixture(scope='module')
def ranks(tmp_path_factory):
    return run_processes(run_cases, tmp_path_factory.mktemp('ranks'))


@pytest.mark.parametrize('case', CASES)
def test_ranks_equal_one_process_with_the_mean_of_their_gradients(ranks, case):
    first, second = (results[case] for results in ranks)
    assert torch.equal(first['final'], second['final'])
    model, accumulate = ClipToy(), case
    del model.added
    total = 0
    for iteration in range(ITERATIONS):
        for rank in range(WORLD):
            data = data_of(rank, iteration)
            alpha = (first, second)[rank]['alphas'][iteration]
            far = interpolated(copy.deepcopy(model), alpha)
            total = total + flat_gradient(model, data)
            total = total + 0.5 * flat_gradient(far, data)
        if (iteration + 1) % accumulate:
            continue
        total = total / (WORLD * accumulate)
        step = first['steps'][iteration // accumulate]
        torch.testing.assert_close(step, total, atol=1e-6, rtol=1e-5)
        vector = weights(model) - 0.1 * total
        torch.nn.utils.vector_to_parameters(vector, model.parameters())
        total = 0
    torch.testing.assert_close(
        first['final'], weights(model), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize('case', CASES)
def test_a_step_costs_one_all_reduce(ranks, case):
    assert ranks[0][case]['reductions'] == ITERATIONS // case


def test_alphas_differ_between_ranks(ranks):
    first, second = (results[1]['alphas'] for results in ranks)
    assert first != second
