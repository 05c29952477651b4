"""Frame i is the i-th that was encoded, for every kind of file."""

from fractions import Fraction

import av
import numpy as np
import pytest

from helpers.numbered import cut_without_encoding, number_of, write_numbered
from mmovar.datasets.io.open_video import open_video
from mmovar.datasets.io.video_locator import VIDEO_SUFFIXES

MPEG4 = dict(codec='mpeg4', b='4M')
B_FRAMES = dict(MPEG4, bf=2)
VP8, VP9 = dict(codec='libvpx'), dict(codec='libvpx-vp9', cpu_used=8)
HEVC = dict(codec='libx265', x265_params='log-level=none')
MPEG2 = dict(codec='mpeg2video', b='4M', bf=2, g=10)
UNEVEN = [17 * i if i < 20 else 340 + 200 * (i - 20) for i in range(40)]
OPEN_GOP = 'open-gop=1:keyint=12:bframes=3:log-level=none'

FAST = {
    'sparse.mp4': dict(count=60, g=250),
    'dense.mkv': dict(count=60, g=5),
    'open_gop.mp4': dict(count=60, codec='libx264', x264_params=OPEN_GOP),
    'open_gop.mov': dict(HEVC, count=60, tag='hvc1', x265_params=OPEN_GOP),
    'divx.avi': dict(B_FRAMES, tag='DX50'),
    'alt_ref.webm': dict(VP8, **{'auto-alt-ref': 1, 'lag-in-frames': 16}),
    'a.ts': {},
    'turned.mov': dict(turn=90),
    'uneven.mp4': dict(times=UNEVEN),
    'tiny.mp4': dict(size=(2, 2), count=9, crf=1),
    'one.avi': dict(B_FRAMES, count=1),
}
SLOW = {
    'intra_refresh.mp4': dict(x264_params='intra-refresh=1:keyint=10'),
    'a.mov': {},
    'a.m4v': {},
    'a.3gp': {},
    'a.avi': {},
    'a.flv': {},
    'a.mpg': {},
    'a.wmv': {},
    'ten_bit.mp4': dict(pix_fmt='yuv420p10le'),
    'full_chroma.mp4': dict(pix_fmt='yuv444p'),
    'full_range.mp4': dict(pix_fmt='yuvj420p'),
    'interlaced.mp4': dict(x264_params='tff=1'),
    'interlaced.mkv': dict(x264_params='tff=1'),
    'interlaced.ts': dict(x264_params='tff=1'),
    'fragments.mp4': dict(
        g=8, container=dict(movflags='frag_keyframe+empty_moov')
    ),
    'index_first.mp4': dict(container=dict(movflags='faststart')),
    'no_edit_list.mp4': dict(container=dict(use_editlist='0')),
    'hevc.mp4': HEVC,
    'hevc.mkv': HEVC,
    'hevc.ts': HEVC,
    'hevc_ten_bit.mp4': dict(HEVC, pix_fmt='yuv420p10le'),
    'vp8.webm': VP8,
    'vp9.webm': VP9,
    'vp9_alt_ref.webm': dict(
        VP9, count=100, g=40, **{'auto-alt-ref': 1, 'lag-in-frames': 25}
    ),
    'vp9_uneven.webm': dict(VP9, times=UNEVEN),
    'av1.mp4': dict(codec='libsvtav1', preset=11, g=10),
    'av1.webm': dict(codec='libsvtav1', preset=11),
    'mpeg2.mpg': MPEG2,
    'mpeg2.mpeg': MPEG2,
    'mpeg2.ts': MPEG2,
    'mpeg2.mkv': MPEG2,
    'mpeg4.mp4': MPEG4,
    'mpeg4_b.mp4': B_FRAMES,
    'mpeg4_b.mkv': B_FRAMES,
    'mpeg4.avi': MPEG4,
    'xvid.avi': dict(B_FRAMES, tag='XVID'),
    'msmpeg4.avi': dict(codec='msmpeg4', b='4M'),
    'wmv2.wmv': dict(codec='wmv2', b='4M'),
    'flv1.flv': dict(codec='flv', b='4M'),
    'h263.3gp': dict(codec='h263', b='4M', size=(176, 144)),
    'mjpeg.avi': dict(codec='mjpeg', pix_fmt='yuvj420p'),
    'mjpeg.mov': dict(codec='mjpeg', pix_fmt='yuvj420p'),
    'prores.mov': dict(codec='prores_ks', pix_fmt='yuv422p10le'),
    'turned_180.mp4': dict(turn=180),
    'turned_270.mp4': dict(turn=270),
    'odd.mp4': dict(size=(161, 121), pix_fmt='yuv444p'),
    'odd_mpeg4.mp4': dict(MPEG4, size=(161, 121)),
    'wide.mp4': dict(size=(1920, 16)),
    'tall.mp4': dict(size=(16, 960)),
    'long.mp4': dict(count=220, g=1000),
    'slow.mp4': dict(rate=Fraction(1, 5)),
    'quick.mp4': dict(rate=240),
    **{f'w{n}.mp4': dict(size=(n, n), crf=1) for n in (4, 8, 16, 24, 48, 72)},
    **{f'n{n}.mp4': dict(count=n) for n in range(1, 10)},
    **{f'n{n}.avi': dict(B_FRAMES, count=n) for n in range(2, 10)},
    **{f'n{n}.webm': dict(VP9, count=n) for n in (1, 2, 5)},
}
SETUPS = [
    *FAST.items(),
    *(pytest.param(*item, marks=pytest.mark.slow) for item in SLOW.items()),
]


def linear(path):
    """Read as a player does: all pictures, as PyAV gives them."""
    with av.open(str(path)) as file:
        return [f.to_ndarray(format='rgb24') for f in file.decode(video=0)]


@pytest.mark.parametrize(('name', 'options'), SETUPS)
def test_frames_are_those_of_a_linear_read(tmp_path, name, options):
    options = dict(dict(codec='libx264'), **options)
    path, turn = tmp_path / name, options.get('turn', 0) // 90
    write_numbered(path, **options)
    expected = [np.rot90(image, turn) for image in linear(path)]
    count = options.get('count', 40)
    order = np.random.default_rng(0).permutation(count).tolist()
    for decoder in ('pyav', 'decord'):
        try:
            video = open_video(path, decoder, timeout=0)
        except OSError as error:
            assert decoder == 'decord'
            assert 'does not read this' in str(error)
            assert "use decoder='pyav'" in str(error)
            continue
        assert (len(video), video.damage) == (count, '')
        for part in (order[:3], order[3:11], order[5:6], range(count)):
            for index, image in zip(part, video.read(part), strict=True):
                assert number_of(np.rot90(image, -turn)) == index, decoder
                off = np.abs(image - expected[index].astype(int)).max()
                # the inverse DCT of MPEG-4 may round otherwise in decord
                assert off <= (0 if decoder == 'pyav' else 3)


def test_every_suffix_is_tried():
    tried = {name.rpartition('.')[2] for name in (*FAST, *SLOW)}
    assert tried == set(VIDEO_SUFFIXES.split())


@pytest.mark.parametrize('suffix', ['mp4', 'mov'])
def test_a_clip_cut_without_encoding_has_what_a_player_shows(tmp_path, suffix):
    whole = write_numbered(tmp_path / 'a.mp4', count=60, g=250)
    path = cut_without_encoding(whole, tmp_path / f'b.{suffix}', hidden=23)
    video = open_video(path, timeout=0)
    assert (len(video), video.hidden, video.damage) == (37, 23, '')
    for part in ([36, 0, 20], range(37)):
        numbers = [number_of(image) for image in video.read(part)]
        assert numbers == [index + 23 for index in part]
    with pytest.raises(OSError, match='counts 60 frames, not 37; use|not 37'):
        open_video(path, 'decord')


@pytest.mark.parametrize('codec', ['libx264', 'libx265'])
def test_files_whose_index_lies_about_key_frames_are_read_linearly(
    tmp_path, codec
):
    options = dict(HEVC) if codec == 'libx265' else dict(codec=codec)
    path = write_numbered(tmp_path / 'a.mp4', count=60, **options)
    content = path.read_bytes()
    assert content.count(b'stss') == 1
    path.write_bytes(content.replace(b'stss', b'free'))  # all are key frames
    video = open_video(path, timeout=0)
    found = video.read([40, 11, 59])
    assert [number_of(image) for image in found] == [40, 11, 59]


def test_a_long_file_without_an_index_is_read_in_bounded_memory(
    tmp_path, monkeypatch
):
    from mmovar.datasets.io import pyav_video

    monkeypatch.setattr(pyav_video, '_KEPT_BYTES', 10_000)  # two pictures
    path = write_numbered(tmp_path / 'a.avi', **B_FRAMES)
    video = open_video(path, timeout=0)
    assert video._kept is None
    for part in ([31, 5], [2, 9], [10, 39], [0]):
        numbers = [number_of(image) for image in video.read(part)]
        assert numbers == list(part)


@pytest.mark.parametrize(
    ('name', 'options'),
    [
        ('a.avi', dict(B_FRAMES)),
        ('a.mkv', dict(codec='libx264')),
        ('a.mp4', dict(codec='libx264', container=dict(movflags='faststart'))),
        ('a.flv', dict(codec='libx264')),
        ('a.webm', dict(VP9)),
    ],
)
def test_frames_that_the_header_promises_and_the_file_lacks_are_told(
    tmp_path, name, options
):
    path = write_numbered(tmp_path / name, count=90, **options)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: int(size * 0.8)])
    video = open_video(path, timeout=0)
    assert [number_of(image) for image in video.read([2, 0])] == [2, 0]
    assert 2 < len(video) < 90
    missing = int(video.damage.partition(' frames are missing')[0])
    assert abs(missing + len(video) - 90) <= 3
