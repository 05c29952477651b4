"""Released weights under DistributedDataParallel."""

import pytest
import torch
from mmengine.model import MMDistributedDataParallel
from released_weights import clip_weights, vifi_weights
from torch import distributed as dist
from torch import multiprocessing

from mmovar.apis import load_released

pytestmark = pytest.mark.dist

WORLD = 2
NAMES = ['archery', 'tai chi']


def video():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(WORLD, 4, 3, 32, 32, generator=generator)


def run_rank(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=WORLD,
    )
    base = f'{folder}/clip.pt'
    model = load_released(f'{folder}/release.pth', NAMES, base=base)
    wrapped = MMDistributedDataParallel(model, device_ids=None)
    logits = wrapped(video()[rank : rank + 1])
    torch.save(logits, f'{folder}/rank{rank}.pt')
    dist.barrier()
    dist.destroy_process_group()


def test_processes_score_as_one(tmp_path):
    torch.save({'model': vifi_weights()}, tmp_path / 'release.pth')
    torch.save(clip_weights(), tmp_path / 'clip.pt')
    multiprocessing.spawn(run_rank, (str(tmp_path),), nprocs=WORLD)
    parts = [torch.load(tmp_path / f'rank{rank}.pt') for rank in range(WORLD)]
    alone = load_released(
        tmp_path / 'release.pth', NAMES, base=tmp_path / 'clip.pt'
    ).logits(video())
    torch.testing.assert_close(torch.cat(parts), alone, atol=1e-5, rtol=0)
