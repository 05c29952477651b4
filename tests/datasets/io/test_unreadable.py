import pytest

from mmovar.datasets.io.unreadable import is_unreadable


@pytest.mark.parametrize(
    ('error', 'expected'),
    [
        (FileNotFoundError('a.mp4'), True),
        (IsADirectoryError('a.mp4'), True),
        (RuntimeError('Error reading 300 bytes...'), True),
        (AssertionError('Invalid frame count: 0'), True),
        (RuntimeError('shapes do not match'), False),
        (AssertionError(), False),
        (KeyError('imgs'), False),
        (IndexError('Out of bound indices: [99]'), False),
        (ImportError('Please run "pip install decord"'), False),
    ],
)
def test_only_errors_of_the_video_count(error, expected):
    assert is_unreadable(error) is expected


def test_errors_that_decord_defines_count():
    import decord

    assert is_unreadable(decord.DECORDError('no stream'))
