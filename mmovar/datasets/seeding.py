"""Random numbers that depend on the item, not on what came before."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(*entropy: int) -> Iterator[None]:
    """Seed ``random``, NumPy and PyTorch (CPU) within a block.

    The states are put back at the end, so a dataset that is read in the main
    process leaves the random numbers of the training alone.

    Args:
        entropy: Non-negative integers, such as seed, epoch and item.
    """
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


class SharedClock:
    """Epoch and seed in memory that worker processes see."""

    def __init__(self) -> None:
        # Epoch -1: not set, random numbers as the worker has them.
        self._values = torch.tensor([-1, 0]).share_memory_()

    def set(self, epoch: int, seed: int) -> None:
        """Tell all worker processes."""
        self._values[0], self._values[1] = epoch, seed

    def get(self) -> tuple[int, int] | None:
        """Return seed and epoch, or None before the first :meth:`set`."""
        epoch, seed = self._values.tolist()
        return None if epoch < 0 else (seed, epoch)

    def __deepcopy__(self, memo: dict) -> 'SharedClock':
        new = SharedClock()
        new._values.copy_(self._values)
        memo[id(self)] = new
        return new
