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
