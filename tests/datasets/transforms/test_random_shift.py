"""The augmentation of tiny videos."""

import numpy as np
import pytest

from mmovar.datasets.transforms.random_shift import RandomShift


def test_all_frames_shift_alike_by_few_pixels():
    frames = [np.zeros((9, 9, 3), np.uint8) for _ in range(3)]
    for value, frame in enumerate(frames, start=1):
        frame[4, 4] = value
    places = set()
    for seed in range(60):
        np.random.seed(seed)
        shifted = RandomShift(2).transform(dict(imgs=frames))['imgs']
        found = [tuple(np.argwhere(frame[..., 0])[0]) for frame in shifted]
        assert len(shifted) == 3
        assert shifted[0].shape == (9, 9, 3)
        assert len(set(found)) == 1
        places.update(found)
    rows, columns = zip(*places, strict=True)
    assert {min(rows), min(columns)} == {2}
    assert {max(rows), max(columns)} == {6}


def test_border_repeats():
    frame = np.full((8, 8, 3), 7, np.uint8)
    for seed in range(5):
        np.random.seed(seed)
        result = RandomShift(3).transform(dict(imgs=[frame]))['imgs'][0]
        np.testing.assert_array_equal(result, frame)


def test_pixels_must_be_positive():
    with pytest.raises(ValueError, match='at least 1, got 0'):
        RandomShift(0)
