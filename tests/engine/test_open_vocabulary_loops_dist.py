"""The total batch of two processes over gloo is that of one."""

import pytest
import torch
from mmengine.dataset import DefaultSampler

from helpers.processes import run_processes
from helpers.toy import weights
from helpers.toy_training import Samples, collate, run_total_batch

pytestmark = pytest.mark.dist


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
    runner, _ = run_total_batch(
        folder, total=8, train_dataloader=loader, **overrides
    )
    return runner


def train_rank(rank, folder):
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
    return weights(runner.model)


def test_two_processes_train_as_one(tmp_path):
    ranks = run_processes(train_rank, tmp_path, tmp_path)
    assert torch.equal(*ranks)
    one = train(tmp_path / 'one', batch_size=4)
    assert one.optim_wrapper._accumulative_counts == 2
    torch.testing.assert_close(ranks[0], weights(one.model))
