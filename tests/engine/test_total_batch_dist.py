"""The total batch of two processes over gloo is that of one."""

import gc
import os

import pytest
import torch
import torch.distributed as dist
from mmengine.dataset import DefaultSampler
from test_cross_batch_train_loop import Samples, collate
from test_total_batch import run
from torch import multiprocessing
from toy import weights

pytestmark = pytest.mark.dist

WORLD = 2


def train(folder, batch_size, **overrides):
    """Take 8 samples an update, in the order of the list."""
    folder.mkdir()
    loader = dict(
        dataset=Samples(20),
        batch_size=batch_size,
        sampler=dict(type=DefaultSampler, shuffle=False),
        collate_fn=collate,
        num_workers=0,
    )
    runner, _ = run(folder, total=8, train_dataloader=loader, **overrides)
    return runner


def run_rank(rank, folder):
    torch.set_num_threads(1)
    os.environ['LOCAL_RANK'] = str(rank)  # MMEngine reads it
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=WORLD,
    )
    runner = train(
        folder / f'work{rank}',
        batch_size=2,
        launcher='pytorch',
        cfg=dict(
            model_wrapper_cfg=dict(
                type='MMDistributedDataParallel', device_ids=None
            )
        ),
    )
    final = weights(runner.model)
    torch.save(final, folder / f'rank{rank}.pt')
    del runner
    gc.collect()
    dist.barrier()
    dist.destroy_process_group()


def test_two_processes_train_as_one(tmp_path):
    multiprocessing.spawn(run_rank, (tmp_path,), nprocs=WORLD)
    ranks = [torch.load(tmp_path / f'rank{rank}.pt') for rank in range(WORLD)]
    assert torch.equal(*ranks)
    one = train(tmp_path / 'one', batch_size=4)
    assert one.optim_wrapper._accumulative_counts == 2
    torch.testing.assert_close(ranks[0], weights(one.model))
