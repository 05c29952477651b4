import pytest

from mmovar.datasets.io.open_video import open_video


@pytest.mark.parametrize('timeout', [None, 0])
def test_large_pictures_are_refused_undecoded(
    make_video, monkeypatch, timeout
):
    video = make_video(size=(64, 48))
    assert len(open_video(video, timeout=timeout, max_pixels=64 * 48)) == 12
    decoders = 'mmovar.datasets.io.pyav_video.PyAVVideo'
    monkeypatch.setattr(decoders, None)  # of this process
    message = 'clip.mp4 has pictures of 64 x 48 pixels, more than 3071'
    with pytest.raises(ValueError, match=message):
        open_video(video, timeout=timeout, max_pixels=64 * 48 - 1)


@pytest.mark.parametrize('timeout', [None, 0])
def test_what_is_no_video_stays_unreadable(tmp_path, timeout):
    (tmp_path / 'a.mp4').write_bytes(b'no video' * 99)
    with pytest.raises(OSError, match='not read as a video'):
        open_video(tmp_path / 'a.mp4', timeout=timeout, max_pixels=9)


def test_other_files_are_not_opened_by_a_list(tmp_path, make_video):
    make_video()
    (tmp_path / 'list.mp4').write_text('ffconcat version 1.0\nfile http://a/b')
    with pytest.raises(OSError, match='not read as a video'):
        open_video(tmp_path / 'list.mp4', timeout=0, max_pixels=9)
