"""Poison a loss with NaN or infinity, and look at what training leaves."""

import math
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from mmengine.model import BaseModel

from .kill_jobs import EPOCHS, OPEN_MEDE, training
from .outcome import Outcome
from .process import run

LEAVES = (
    *(OPEN_MEDE, 'open_vclip/k400_zs.py', 'open_vclip/k400_plain.py'),
    *('tc_clip/k400_zs.py', 'vifi_clip/fs.py'),
)
DRAWS = 3


def numbers(
    folder: Path, rng: random.Random, share: float
) -> Iterator[Outcome]:
    """Train with one loss that is not finite, drawn from all of a run."""
    for leaf in LEAVES:
        job = training(leaf, leaf)
        shared = folder / leaf.replace('/', '_')
        shared.mkdir()
        job.prepare(shared)
        for number in range(max(1, round(DRAWS * share))):
            place = shared / f'{number}'
            place.mkdir()
            value = rng.choice((math.nan, math.inf, -math.inf))
            step = rng.randint(1, 6)
            train = job.command(shared, place)
            end = run(partial(_poisoned, train, value, step), place)
            verdict, why = _judge(end.code, end.log, place / 'run')
            detail = f'{value} as loss {step}: {why}'
            yield Outcome('numbers', leaf, verdict, detail)


def _poisoned(command: Callable[[], object], value: float, step: int) -> None:
    """Run a command in which one loss has another value."""
    real, calls = BaseModel.parse_losses, []

    def parse_losses(self: BaseModel, losses: dict) -> tuple:
        loss, logged = real(self, losses)
        calls.append(loss)
        return loss * value if len(calls) == step else loss, logged

    BaseModel.parse_losses = parse_losses
    command()


def _judge(code: int, log: str, folder: Path) -> tuple[str, str]:
    if code:
        return 'unclear', log.strip().splitlines()[-1]
    last = torch.load(folder / f'epoch_{EPOCHS}.pth', weights_only=False)
    bad = [
        name
        for name, value in last['state_dict'].items()
        if value.is_floating_point() and not value.isfinite().all()
    ]
    if bad:
        return 'silently wrong', f'{len(bad)} tensors are not finite'
    logs = '\n'.join(file.read_text() for file in folder.rglob('*.log'))
    named = 'skipped' in log + logs
    return ('named', '') if named else ('silently wrong', 'nothing is said')
