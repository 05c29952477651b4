"""EP1 of Open-VCLIP: ten draws of half of the classes."""

import random

from .builtin import read_full_list

EP1_DATASETS = ('ucf101', 'hmdb51')
"""Data sets that the protocol exists for."""
EP1_TRIALS = 10
_SEED = 2023


def ep1_draws(dataset: str) -> tuple[tuple[str, ...], ...]:
    """Draw the class names of the ten trials of EP1.

    One generator, seeded with 2023, shuffles the class indices ten times;
    the first half of each shuffle (50 of 101, 25 of 51), sorted, is a trial.
    Labels of a trial count from 0 within the trial.

    Source: Open-VCLIP, protocol 1; the rule gives the lists that its authors
    published.

    Args:
        dataset: One of :data:`EP1_DATASETS`.

    Returns:
        Ten tuples of names in label order.

    Raises:
        ValueError: If the protocol does not exist for ``dataset``.
    """
    if dataset not in EP1_DATASETS:
        raise ValueError(
            f'EP1 has no draws of {dataset!r}: expected one of {EP1_DATASETS}'
        )
    names = read_full_list(dataset)
    generator = random.Random(_SEED)
    draws = []
    for _ in range(EP1_TRIALS):
        labels = list(range(len(names)))
        generator.shuffle(labels)
        half = sorted(labels[: len(labels) // 2])
        draws.append(tuple(names[label] for label in half))
    return tuple(draws)
