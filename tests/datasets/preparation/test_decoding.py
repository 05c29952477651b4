import pytest

from helpers.clips import damage_frames, write_text, write_video
from mmovar.datasets.preparation import decoding
from mmovar.datasets.preparation.decoding import (
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
