import numpy as np
import pytest

from helpers.clips import damage_frames, write_text, write_video
from helpers.numbered import cut_without_encoding, write_numbered
from mmovar.datasets.preparation import decoding
from mmovar.datasets.preparation.decoding import (
    CUT,
    DAMAGED,
    DecodingRecord,
    decode_all,
    decode_error,
)


@pytest.fixture
def videos(tmp_path):
    good = [write_video(tmp_path / f'{i}.mp4') for i in range(3)]
    text = write_text(tmp_path / 'text.mp4')
    damaged = damage_frames(write_video(tmp_path / 'damaged.mp4'))
    return [str(path) for path in (*good, text, damaged)]


def test_readable_video_has_no_error(videos):
    assert decode_error(videos[0]) == ''


def test_broken_videos_have_one(videos):
    assert all(decode_error(path) for path in videos[3:])


def test_missing_video_has_one(tmp_path):
    assert decode_error(str(tmp_path / 'nowhere.mp4'))


@pytest.mark.parametrize('workers', [0, 2])
def test_all_videos_are_decoded_and_kept_in_the_record(
    videos, tmp_path, workers
):
    path = tmp_path / 'record.tsv'
    found = dict(decode_all(videos, DecodingRecord(path), workers))
    assert set(found) == set(videos)
    assert [bool(found[video]) for video in videos] == [0, 0, 0, 1, 1]
    again = DecodingRecord(path)
    assert {video: again.error(video) for video in videos} == found


def test_only_new_or_changed_videos_are_decoded_again(
    videos, tmp_path, monkeypatch
):
    path = tmp_path / 'record.tsv'
    list(decode_all(videos, DecodingRecord(path), 0))
    write_video(tmp_path / 'text.mp4')
    decoded = []
    monkeypatch.setattr(
        decoding, 'decode_error', lambda path, _: decoded.append(path) or ''
    )
    found = dict(decode_all(videos, DecodingRecord(path), 0))
    assert decoded == [videos[3]]
    assert not found[videos[3]]
    assert found[videos[4]]


def test_line_that_a_kill_cut_short_does_not_count(videos, tmp_path):
    path = tmp_path / 'record.tsv'
    record = DecodingRecord(path)
    record.add(videos[0], '')
    record.add(videos[1], 'damaged')
    path.write_text(path.read_text()[:-6])
    again = DecodingRecord(path)
    assert again.error(videos[0]) == ''
    assert again.error(videos[1]) is None
    again.add(videos[2], '')
    assert DecodingRecord(path).error(videos[2]) == ''


def test_video_on_which_the_decoder_crashes_is_named_and_others_go_on(
    tmp_path, use_reader
):
    use_reader('helpers.fake_reader:crash')
    videos = [str(write_video(tmp_path / f'{i}.mp4')) for i in range(6)]
    record = DecodingRecord(tmp_path / 'record.tsv')
    found = dict(decode_all(videos, record, 2))
    broken = found.pop(videos[3])
    assert broken == f'{videos[3]}: the decoder crashed (Segmentation fault)'
    assert list(found.values()) == [''] * 5


def test_whole_reads_tell_cut_damaged_and_other_frames(tmp_path, monkeypatch):
    film = write_numbered(tmp_path / 'a.mp4', count=60, g=250)
    assert decode_error(str(film), whole=True) == ''
    cut = cut_without_encoding(film, tmp_path / 'b.mp4', hidden=23)
    assert decode_error(str(cut), whole=True) == (
        f'{CUT}an edit list hides 23 of 60 frames'
    )
    content = bytearray(write_numbered(tmp_path / 'c.mkv').read_bytes())
    (tmp_path / 'c.mkv').write_bytes(content[: len(content) * 2 // 3])
    assert decode_error(str(tmp_path / 'c.mkv'), whole=True)

    class Inexact:
        """Seeks one frame too far."""

        width, height, damage, hidden = 4, 4, '', 0

        def __len__(self):
            return 9

        def read(self, indices):
            off = len(indices) == 3
            return [np.full((4, 4, 3), index + off) for index in indices]

    monkeypatch.setattr(decoding, 'open_video', lambda path: Inexact())
    assert decode_error('x.mp4') == ''
    assert decode_error('x.mp4', whole=True) == (
        f'{DAMAGED}seeking gives other frames than reading on'
    )
