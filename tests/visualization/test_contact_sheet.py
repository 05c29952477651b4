import numpy as np
import pytest

from helpers.frame_folders import noise
from mmovar.datasets.io.frame_source import read_image
from mmovar.visualization.contact_sheet import (
    contact_sheet,
    spread_evenly,
    write_contact_sheet,
)


def test_rows_hold_the_frames_of_the_videos(tmp_path):
    first, second = noise(3, 20, 30), np.full((9, 40, 20, 3), 77, np.uint8)
    rows = [('one', first), ('two', list(second))]
    sheet = contact_sheet(rows, height=20, columns=3)
    assert sheet.shape == (4 + 2 * 38, 4 + 3 * 34, 3)
    for k in range(3):
        left = 4 + 34 * k
        assert np.array_equal(sheet[18:38, left : left + 30], first[k])
        assert (sheet[56:76, 4 + 14 * k :][:, :10] == 77).all()
    assert (sheet[4:18] < 100).any()  # the name
    write_contact_sheet(tmp_path / 'a/sheet.png', rows, 20, 3)
    assert np.array_equal(read_image(tmp_path / 'a/sheet.png'), sheet)


def test_frames_are_spread_from_first_to_last():
    assert spread_evenly(100, 4) == [0, 33, 66, 99]
    assert spread_evenly(3, 8) == [0, 1, 2]


def test_a_row_without_frames_is_refused():
    for rows in ([], [('a', [])]):
        with pytest.raises(ValueError, match='with a frame'):
            contact_sheet(rows)
