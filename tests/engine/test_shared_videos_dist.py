"""Two processes over gloo share videos and score as one process."""

import os

import pytest
import torch
from torch import distributed as dist
from torch import multiprocessing

from helpers.shared_sets import LABELS, SETS, run, write_data
from mmovar.apis import close
from mmovar.models import CLIPRecognizer

pytestmark = pytest.mark.dist

WORLD = 2


def run_rank(rank, root, port):
    torch.set_num_threads(1)
    os.environ.update(
        RANK=str(rank),
        WORLD_SIZE=str(WORLD),
        LOCAL_RANK=str(rank),
        MASTER_ADDR='127.0.0.1',
        MASTER_PORT=str(port),
    )
    os.chdir(root)
    encoded, original = [], CLIPRecognizer.extract_feat

    def count(self, inputs, **kwargs):
        encoded.append(len(inputs))
        return original(self, inputs, **kwargs)

    CLIPRecognizer.extract_feat = count
    _, metrics = run(root, SETS, 'pytorch')
    torch.save((metrics, sum(encoded)), root / f'rank{rank}.pt')
    close()


def test_two_processes_score_as_one_and_encode_each_video_once(tmp_path):
    write_data(tmp_path)
    _, alone = run(tmp_path, SETS)
    store = dist.TCPStore('127.0.0.1', 0, 1, is_master=True)
    port = store.port
    del store
    multiprocessing.spawn(run_rank, (tmp_path, port), nprocs=WORLD)
    results = [torch.load(tmp_path / f'rank{r}.pt') for r in range(WORLD)]
    for metrics, _ in results:
        assert metrics == pytest.approx(alone)
    shared, single = len(LABELS), len(LABELS)
    padded = single + single % WORLD  # the set alone goes by its sampler
    assert sum(count for _, count in results) == shared + padded
