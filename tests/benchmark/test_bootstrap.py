import numpy as np
import pytest

from helpers.results_of import predictions
from mmovar.benchmark import class_gains, confusions, paired_bootstrap


def two_tests(size=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 7, size)
    ours = np.where(rng.random(size) < 0.8, truth, (truth + 1) % 7)
    theirs = np.where(rng.random(size) < 0.7, truth, (truth + 2) % 7)
    return predictions(ours, truth), predictions(theirs, truth)


def test_interval_is_that_of_resampled_videos():
    ours, theirs = two_tests()
    found = paired_bootstrap(ours, theirs, resamples=4000, seed=1)
    steps = ours.hits.astype(int) - theirs.hits.astype(int)
    rng = np.random.default_rng(2)
    plain = [100 * rng.choice(steps, len(steps)).mean() for _ in range(4000)]
    assert found.value == pytest.approx(100 * steps.mean())
    assert found.low == pytest.approx(np.quantile(plain, 0.025), abs=0.4)
    assert found.high == pytest.approx(np.quantile(plain, 0.975), abs=0.4)
    assert found.p < 0.05


def test_order_of_videos_and_seed_decide_as_they_should():
    ours, theirs = two_tests()
    again = paired_bootstrap(ours, theirs, 500, seed=3)
    assert paired_bootstrap(ours, theirs, 500, seed=3) == again
    assert paired_bootstrap(theirs, ours, 500, seed=3).value == -again.value


def test_equal_tests_do_not_differ():
    ours, _ = two_tests()
    found = paired_bootstrap(ours, ours, 100)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)
    with pytest.raises(ValueError, match='resamples'):
        paired_bootstrap(ours, ours, 0)


def test_gains_by_class_are_counted():
    ours = predictions([0, 0, 1, 2], [0, 0, 1, 1])
    theirs = predictions([0, 1, 1, 1], [0, 0, 1, 1])
    first, last = class_gains(ours, theirs)
    assert (first.name, first.ours, first.theirs, first.total) == (
        'class 0',
        2,
        1,
        2,
    )
    assert (last.name, last.points) == ('class 1', -50)


def test_confusions_come_most_frequent_first():
    found = predictions([1, 1, 0, 2, 1], [0, 0, 0, 1, 1])
    assert confusions(found) == [
        ('class 0', 'class 1', 2, 3),
        ('class 1', 'class 2', 1, 2),
    ]
    assert len(confusions(found, limit=1)) == 1
