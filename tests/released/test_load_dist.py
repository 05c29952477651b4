"""Released weights under DistributedDataParallel."""

import pytest
import torch
from mmengine.model import MMDistributedDataParallel

from helpers.processes import run_processes
from helpers.released_weights import clip_weights, vifi_weights
from mmovar.apis import load_released

pytestmark = pytest.mark.dist

WORLD = 2
NAMES = ['archery', 'tai chi']


def video():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(WORLD, 4, 3, 32, 32, generator=generator)


def score(rank, folder):
    base = f'{folder}/clip.pt'
    model = load_released(f'{folder}/release.pth', NAMES, base=base)
    wrapped = MMDistributedDataParallel(model, device_ids=None)
    return wrapped(video()[rank : rank + 1])


def test_processes_score_as_one(tmp_path):
    torch.save({'model': vifi_weights()}, tmp_path / 'release.pth')
    torch.save(clip_weights(), tmp_path / 'clip.pt')
    parts = run_processes(score, tmp_path, tmp_path)
    alone = load_released(
        tmp_path / 'release.pth', NAMES, base=tmp_path / 'clip.pt'
    ).logits(video())
    torch.testing.assert_close(torch.cat(parts), alone, atol=1e-5, rtol=0)
