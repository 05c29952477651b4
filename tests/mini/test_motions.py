"""Levels of fast and slow motions."""

import numpy as np
import pytest

from mmovar.mini.motions import (
    ATTRIBUTES,
    MOTIONS,
    NUM_FRAMES,
    attribute_of,
    draw_levels,
    fast_levels,
    is_fast,
    slow_levels,
)


def pair(seed):
    slow = slow_levels(np.random.default_rng(seed))
    return slow, fast_levels(np.random.default_rng(seed))


@pytest.mark.parametrize('offset', [0, 1])
def test_fast_clip_holds_exactly_the_levels_of_a_slow_one(offset):
    for seed in range(50):
        slow, fast = pair(seed)
        np.testing.assert_array_equal(
            np.sort(slow[offset::2]), np.sort(fast[offset::2])
        )


def test_fast_turns_often_and_slow_hardly():
    def turns(levels):
        return np.abs(np.diff(levels[1::2])).sum()

    ratios = [turns(fast) / turns(slow) for slow, fast in map(pair, range(50))]
    assert min(ratios) > 2
    assert np.mean(ratios) > 3


def test_slow_goes_either_way():
    starts = [slow_levels(np.random.default_rng(s))[0] > 0 for s in range(40)]
    assert 5 < sum(starts) < 35


def test_levels_are_in_range():
    for motion in range(len(MOTIONS)):
        levels = draw_levels(np.random.default_rng(motion), motion)
        assert levels.shape == (NUM_FRAMES,)
        assert np.abs(levels).max() <= 1


def test_motions_pair_up_by_attribute():
    assert len(MOTIONS) == 2 * len(ATTRIBUTES)
    assert attribute_of([0, 1, 10, 11]).tolist() == [0, 0, 5, 5]
    assert is_fast(MOTIONS.index('hopping'))
    assert not is_fast(MOTIONS.index('climbing'))
