import os
import random

import numpy as np
import pytest

from helpers.clips import write_film, write_video
from mmovar.datasets.io.decoder_child import FACTS
from mmovar.datasets.io.guarded_video import GuardedVideo
from mmovar.datasets.io.open_video import open_video
from mmovar.datasets.io.pyav_video import PyAVVideo


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / 'pipe.mp4')
    (tmp_path / 'folder.mp4').mkdir()
    for name in ('pipe.mp4', 'folder.mp4', '/dev/zero'):
        with pytest.raises(OSError, match='no regular file'):
            open_video(tmp_path / name)
    with pytest.raises(OSError, match='no file can have this name'):
        open_video('a\0.mp4')


def test_an_unknown_decoder_is_an_error_of_the_config(tmp_path):
    with pytest.raises(ValueError, match="'pyav', 'decord'.*got 'ffmpeg'"):
        open_video(write_video(tmp_path / 'a.mp4'), 'ffmpeg')


@pytest.mark.parametrize('decoder', ['pyav', 'decord'])
def test_names_with_colons_are_files(tmp_path, decoder):
    path = write_video(tmp_path / 'http:a%20{b}.mp4', num_frames=4)
    source = open_video(path, decoder)
    assert len(source) == 4
    assert (source.width, source.height, source.fps) == (32, 32, 30)
    third, first = source.read(np.array([2, 0]))
    assert (round(third.mean(), -1), round(first.mean(), -1)) == (20, 0)


def test_a_stream_that_begins_in_the_middle_is_damage(tmp_path):
    """An error of PyAV, met by the campaign."""
    path = write_film(tmp_path / 'a.ts', '-c:v', 'libx264', size='64x48')
    content = bytearray(path.read_bytes())
    starts = [n for n in range(1, len(content), 188) if content[n] & 0x40]
    content[starts[-10] + 1] ^= 0x10  # the packet's stream
    path.write_bytes(content)
    video = open_video(path, timeout=0)
    assert len(video) >= 90
    video.read([0, len(video) - 1])
    assert 'frames are missing' in video.damage


def test_what_the_decoder_conceals_is_told(tmp_path):
    """A cut, a hole and flipped bits; whole files tell nothing."""
    for name, codec in (
        *(('a.mkv', 'libx264'), ('b.avi', 'mpeg4'), ('c.webm', 'libvpx')),
        *(('d.avi', 'mjpeg'), ('e.ts', 'mpeg2video')),
    ):
        path = write_film(tmp_path / name, '-c:v', codec, size='64x48')
        assert open_video(path).damage == ''
        content = path.read_bytes()
        part = 2 * len(content) // 3
        for number, damaged in enumerate(
            (
                content[:part] if not name.startswith('e') else b'',
                content[:part] + bytes(2000) + content[part + 2000 :],
                content[:part] + content[part + 2000 :],
            )
        ):
            if damaged:
                broken = tmp_path / f'{number}{name}'
                broken.write_bytes(damaged)
                video = open_video(broken)
                video.read(range(len(video)))
                assert video.damage, broken.name


def test_another_process_decodes_unless_the_time_is_zero(
    tmp_path, monkeypatch
):
    path = write_video(tmp_path / 'a.mp4', num_frames=4)
    guarded, here = open_video(path), open_video(path, timeout=0)
    assert type(guarded) is type(open_video(path, timeout=5)) is GuardedVideo
    assert type(here) is PyAVVideo
    for name in FACTS:
        assert getattr(guarded, name) == getattr(here, name)
    np.testing.assert_array_equal(guarded.read([3, 1]), here.read([3, 1]))
    monkeypatch.setenv('MMOVAR_VIDEO_TIMEOUT', '0')
    assert type(open_video(path)) is PyAVVideo
    monkeypatch.setenv('MMOVAR_VIDEO_TIMEOUT', 'never')
    with pytest.raises(ValueError, match="seconds, or 0, got 'never'"):
        open_video(path)


def test_blocks_that_come_twice_are_told(tmp_path):
    path = write_film(tmp_path / 'a.wmv', '-c:v', 'wmv2', size='64x48')
    content = path.read_bytes()
    size = len(content)
    for number in range(1, 6):
        start = size * number // 7
        broken = tmp_path / f'{number}.wmv'
        broken.write_bytes(content[: start + size // 5] + content[start:])
        assert open_video(broken).damage, number


def test_a_damaged_duration_is_none(tmp_path):
    path = write_film(tmp_path / 'a.mkv', '-c:v', 'mpeg4', size='64x48')
    content = path.read_bytes()
    for other in (b'00:00:0x.', b'nan:00:00'):
        place = content.index(b'00:00:04.')
        new = content[:place] + other + content[place + 9 :]
        path.write_bytes(new)
        assert len(open_video(path)) == 100


def test_flipped_bits_are_errors_that_name_the_file(tmp_path):
    path = write_film(tmp_path / 'a.mp4', '-c:v', 'libx264', size='64x48')
    content = path.read_bytes()
    header = content.index(b'moov')
    rng = random.Random(0)
    for _ in range(150):
        broken = bytearray(content)
        for _ in range(rng.choice((1, 30, 300))):
            broken[rng.randrange(header, len(content))] ^= 1 << rng.randrange(
                8
            )
        path.write_bytes(broken)
        try:
            video = open_video(path, timeout=0)
            video.read([len(video) // 2, 0])
        except OSError as error:
            assert 'a.mp4' in str(error)
