import pytest

from mmovar.apis.inference import UnreadableVideoError
from mmovar.demo import Limits
from mmovar.demo.limits import duration


def test_duration_is_that_of_the_frames(make_video):
    assert duration(make_video(frames=50)) == pytest.approx(2)


def test_good_videos_raise_no_error(make_video):
    Limits(megabytes=1, seconds=2).check_video(make_video(frames=50))


def test_long_videos_are_refused(make_video):
    limits = Limits(seconds=1.5)
    with pytest.raises(ValueError, match=r'clip.mp4 is 2.0 s .* up to 1.5 s'):
        limits.check_video(make_video(frames=50))


def test_large_files_are_refused_unopened(tmp_path):
    (tmp_path / 'a.mp4').write_bytes(bytes(5 * 2**19))
    limits = Limits(megabytes=2)
    with pytest.raises(ValueError, match='a.mp4 has 2.5 MB.* up to 2 MB'):
        limits.check_video(tmp_path / 'a.mp4')


def test_videos_of_too_many_pixels_are_refused(make_video):
    video = make_video(frames=1, size=(320, 240))
    Limits(pixels=320 * 240).check_video(video)
    message = r'clip.mp4 has pictures of 320 x 240 pixels, more than 76799'
    with pytest.raises(ValueError, match=message):
        Limits(pixels=320 * 240 - 1).check_video(video)


def test_by_default_4k_is_the_largest(make_video):
    Limits().check_video(make_video('4k.mp4', frames=1, size=(3840, 2160)))
    with pytest.raises(ValueError, match='7680 x 4320'):
        Limits().check_video(make_video('8k.mp4', frames=1, size=(7680, 4320)))


@pytest.mark.parametrize('content', [b'', b'no video' * 99])
def test_other_files_are_refused_without_telling_where_they_lie(
    tmp_path, content
):
    (tmp_path / 'notes.mp4').write_bytes(content)
    with pytest.raises(UnreadableVideoError, match='^notes.mp4 cannot be'):
        Limits().check_video(tmp_path / 'notes.mp4')


def test_half_a_video_is_refused(make_video):
    video = make_video(frames=50)
    video.write_bytes(video.read_bytes()[:1000])
    with pytest.raises(UnreadableVideoError, match='whole file'):
        Limits().check_video(video)


@pytest.mark.parametrize(
    'limit', [dict(megabytes=0), dict(seconds=-1), dict(waiting=0)]
)
def test_limits_are_above_zero(limit):
    with pytest.raises(ValueError, match='must be above 0'):
        Limits(**limit)
