"""A folder is gone on with as it was begun, or not at all."""

import pytest

from mmovar.stamp import NAME, check_stamp

SETTINGS = dict(lr=1e-3, data=dict(names=['a', 'b'], size=(1, 2)), seed=None)


def test_the_same_settings_go_on(tmp_path):
    check_stamp(tmp_path / 'x', SETTINGS)
    before = (tmp_path / 'x' / NAME).read_bytes()
    check_stamp(tmp_path / 'x', dict(reversed(SETTINGS.items())))
    assert (tmp_path / 'x' / NAME).read_bytes() == before


def test_what_differs_is_named(tmp_path):
    check_stamp(tmp_path, SETTINGS)
    other = dict(lr=1e-2, data=dict(names=['a'], size=(1, 2), more={}))
    with pytest.raises(
        ValueError,
        match=r"other settings: data\.names\.1 'b', now None, "
        r'lr 0\.001, now 0\.01; choose',
    ):
        check_stamp(tmp_path, other)
    many = dict(zip('abcdefgh', range(8), strict=True), **SETTINGS)
    with pytest.raises(ValueError, match=r'e None, now 4 and 3 more; choose'):
        check_stamp(tmp_path, many)


def test_a_damaged_stamp_is_named(tmp_path):
    (tmp_path / NAME).write_text('{"lr": 1')
    with pytest.raises(ValueError, match=rf'{NAME} is damaged .*remove it'):
        check_stamp(tmp_path, SETTINGS)
