import cv2
import numpy as np
import pytest

from helpers.frame_folders import box_masks, noise
from mmovar.datasets.out_of_context.composition import (
    alignment,
    background_indices,
    centroid,
    fit_short_side,
    paste,
    replace_background,
    to_mask,
)


@pytest.mark.parametrize(('n', 'm'), [(7, 20), (20, 7), (9, 9), (1, 5)])
def test_background_frames_are_those_of_both_loaders(n, m):
    hat = [min(max(round(i / n * m), 0), m - 1) for i in range(n)]
    assert background_indices(range(n), n, m, 'hat').tolist() == hat
    line = np.linspace(1, m, n, endpoint=False).astype(int) - 1
    assert background_indices(range(n), n, m, 'devias').tolist() == list(line)


def test_replace_background_keeps_the_person_alone():
    frame, background = noise(2, 5, 6)
    mask = box_masks(1, 5, 6, (1, 2, 4, 5))[0] > 0
    out = replace_background(frame, mask, background)
    for y in range(5):
        for x in range(6):
            source = frame if 1 <= x < 4 and 2 <= y < 5 else background
            assert (out[y, x] == source[y, x]).all()


@pytest.mark.parametrize(
    'shift', [(0, 0), (2, 1), (-2, 3), (5, -4), (-6, -5), (40, 0), (0, -40)]
)
@pytest.mark.parametrize('size', [(8, 9), (6, 20)])
def test_paste_moves_the_person_and_cuts_what_falls_outside(shift, size):
    frame, background = noise(1, 8, 9)[0], noise(1, *size, seed=1)[0]
    mask = noise(1, 8, 9, seed=2)[0, ..., 0] > 128
    expected = background.copy()
    for y in range(8):
        for x in range(9):
            to_y, to_x = y + shift[1], x + shift[0]
            inside = 0 <= to_y < size[0] and 0 <= to_x < size[1]
            if mask[y, x] and inside:
                expected[to_y, to_x] = frame[y, x]
    before = background.copy()
    assert np.array_equal(paste(background, frame, mask, shift), expected)
    assert np.array_equal(background, before)


def test_alignment_is_the_difference_of_centres_cut_towards_zero():
    first = box_masks(1, 20, 30, (2, 3, 6, 8))[0] > 0
    other = box_masks(1, 20, 30, (15, 10, 20, 14))[0] > 0
    assert centroid(first) == (3.5, 5)
    assert alignment(first, other) == (13, 6)  # 13.5, 6.5
    assert alignment(other, first) == (-13, -6)
    assert centroid(np.zeros((20, 30), bool)) == (15, 10)


def test_masks_count_from_129_and_take_the_size_of_the_frame():
    image = np.array([[0, 128], [129, 255]], np.uint8)
    assert to_mask(image, (2, 2)).tolist() == [[False, False], [True, True]]
    large = to_mask(np.repeat(image[..., None], 3, 2), (4, 6))
    assert large.shape == (4, 6) and large[2:].all() and not large[:2].any()


def test_fit_short_side_keeps_the_ratio():
    image = noise(1, 24, 40)[0]
    small = fit_short_side(image, 12)
    assert small.shape == (12, 20, 3)
    assert np.array_equal(small, cv2.resize(image, (20, 12)))
    assert fit_short_side(image, 24) is image
    assert fit_short_side(image.transpose(1, 0, 2), 12).shape == (20, 12, 3)
