import numpy as np
import pytest

from helpers.clips import truncate, write_text, write_video
from helpers.frame_folders import noise, write_frames
from mmovar.datasets.io.frame_source import FrameFolder
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.io.unreadable import is_unreadable

TEMPLATES = [
    ('frame{:06d}.png', 1),
    ('image_{:05d}.png', 1),
    ('img_{:05d}.png', 0),
    ('{:06d}.png', 1),
]


@pytest.mark.parametrize(('template', 'first'), TEMPLATES)
def test_frames_count_from_zero_whatever_their_names(
    tmp_path, template, first
):
    frames = noise(12, 6, 8)
    folder = write_frames(tmp_path / 'clip', frames, template, first)
    (folder / 'notes.txt').write_text('not a frame')
    source = open_frames(folder)
    assert len(source) == 12
    for frame, index in zip(
        source.read([0, 11, 3, 3]), (0, 11, 3, 3), strict=True
    ):
        assert np.array_equal(frame, frames[index])


def test_video_files_are_read_alike(tmp_path):
    path = write_video(tmp_path / 'a.mp4', num_frames=9, size=(32, 16))
    source = open_frames(path, expected=9)
    (frame,) = source.read([4])
    assert frame.shape == (16, 32, 3)
    assert abs(frame.mean() - 40) < 3


def failures(tmp_path):
    """Yield what cannot be read, and a part of the message."""
    gap = write_frames(tmp_path / 'gap', noise(5, 4, 4))
    (gap / 'frame000003.png').unlink()
    yield lambda: FrameFolder(gap), 'frame 3 is missing'
    twice = write_frames(tmp_path / 'twice', noise(3, 4, 4))
    write_frames(twice, noise(1, 4, 4), '{:03d}.jpg', first=2)
    yield lambda: FrameFolder(twice), 'frame 2 is there twice'
    short = write_frames(tmp_path / 'short', noise(5, 4, 4))
    yield lambda: open_frames(short, expected=8, tolerance=2), '5 frames.*8'
    (tmp_path / 'empty').mkdir()
    yield lambda: open_frames(tmp_path / 'empty'), 'no numbered'
    yield lambda: open_frames(tmp_path / 'none'), 'no such'
    cut = write_frames(tmp_path / 'cut', noise(3, 4, 4))
    truncate(cut / 'frame000002.png')
    (cut / 'frame000002.png').write_bytes(b'\x89PNG')
    yield lambda: FrameFolder(cut).read([1]), 'not an image.*000002'
    (cut / 'frame000003.png').write_bytes(b'')
    yield lambda: FrameFolder(cut).read([2]), 'not an image.*000003'


def test_what_cannot_be_read_is_an_error_of_the_data(tmp_path):
    for read, message in failures(tmp_path):
        with pytest.raises(OSError, match=message):
            read()


@pytest.mark.parametrize('break_file', [truncate, write_text])
def test_broken_video_files_are_errors_of_the_data(tmp_path, break_file):
    path = break_file(write_video(tmp_path / 'a.mp4'))
    with pytest.raises(Exception) as error:
        open_frames(path)
    assert is_unreadable(error.value)


def test_a_clip_may_lack_frames_within_the_tolerance(tmp_path):
    folder = write_frames(tmp_path / 'clip', noise(5, 4, 4))
    assert len(open_frames(folder, expected=7, tolerance=2)) == 5
