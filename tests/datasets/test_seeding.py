import random

import numpy as np
import torch

from mmovar.datasets.seeding import seeded


def draw():
    return random.random(), np.random.rand(), torch.rand(()).item()


def test_seeded_depends_on_every_number():
    def drawn(*entropy):
        with seeded(*entropy):
            return draw()

    draws = {drawn(0, 0, 0), drawn(1, 0, 0), drawn(0, 1, 0), drawn(0, 0, 1)}
    assert len(draws) == 4
    assert drawn(0, 1, 2) == drawn(0, 1, 2)


def test_seeded_puts_the_states_back_after_an_error():
    with seeded(7):
        expected = draw()
    with seeded(7):
        try:
            with seeded(3):
                draw()
                raise KeyError
        except KeyError:
            pass
        assert draw() == expected
