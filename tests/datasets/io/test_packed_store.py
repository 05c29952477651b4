"""Packed videos by random access."""

import json

import numpy as np
import pytest

from mmovar.datasets.io.open_video import open_video
from mmovar.datasets.io.packed_store import PackedStore, open_store
from mmovar.datasets.preparation.packing import PackSettings, pack


@pytest.fixture
def packed(make_video, tmp_path):
    """Pack videos under the names of a list; return the store."""

    def make(names, frames=12, **settings):
        videos = {
            name: str(make_video(f'{index}.mp4', frames=frames))
            for index, name in enumerate(names)
        }
        every = dict(frames=None) if 'stride' in settings else {}
        settings = PackSettings(**every, **settings)
        folder = tmp_path / 'store'
        entries = list(pack(videos, folder, settings, dict(source='test')))
        assert [name for name, _, new in entries if new] == list(names)
        return PackedStore(folder)

    return make


def greys(frames):
    return [round(float(frame.mean()) / 20) for frame in frames]


def test_all_frames_are_those_of_the_video(packed, tmp_path):
    video = packed(['a/x.mp4'], stride=1).open('/data/a/x.mp4')
    real = open_video(tmp_path / 'videos' / '0.mp4')
    assert len(video) == len(real) == 12
    assert video.fps == real.fps == 25
    assert (video.width, video.height) == (64, 48)
    for mine, frame in zip(
        video.read(range(12)), real.read(range(12)), strict=True
    ):
        assert mine.shape == frame.shape and mine.dtype == np.uint8
        assert np.abs(mine.astype(int) - frame).max() <= 2


def test_nearest_stored_frame_is_read_the_earlier_of_two(packed):
    video = packed(['x.mp4'], stride=4).open('x.mp4')
    assert video.positions == [0, 4, 8] and len(video) == 12
    wanted = [11, 0, 1, 2, 3, 6, 7, 2]
    plain = [min((abs(p - i), p) for p in (0, 4, 8))[1] for i in wanted]
    assert greys(video.read(wanted)) == plain
    with pytest.raises(IndexError, match='x.mp4 has 12 frames'):
        video.read([0, 12])


def test_evenly_spread_frames_are_the_centres_that_segment_samplers_ask_for(
    packed,
):
    from mmovar.datasets import SegmentSample

    results = dict(total_frames=300, start_index=0)
    sampled = SegmentSample(32, test_mode=True)(results)['frame_inds']
    assert PackSettings(frames=32).positions(300) == sampled.tolist()
    assert PackSettings(frames=32).positions(3) == [0, 1, 2]
    assert PackSettings(None, 7).positions(15) == [0, 7, 14]


def test_large_frames_are_made_smaller_and_small_ones_stay(packed):
    video = packed(['x.mp4'], short_side=24).open('x.mp4')
    assert video.read([0])[0].shape == (24, 32, 3)
    assert (video.width, video.height) == (32, 24)


def test_path_is_looked_up_by_its_end_and_never_by_a_part_of_a_name(packed):
    store = packed(['train/a/1.mp4', 'val/b/1.mp4'])
    for path in ('/big/train/a/1.mp4', 'train/a/1.mp4', './train/a/1.mp4'):
        assert store.open(path)._name == 'train/a/1.mp4'
    for path in ('test/a/1.mp4', 'a/1.mp4', '1.mp4', '/x/val/a/1.mp4'):
        with pytest.raises(OSError, match=f'{path} is not in store'):
            store.open(path)


def test_lists_with_other_folders_find_their_videos_in_their_data_set(packed):
    store = packed(['ucf/videos/Tai_Chi/v_1.avi', 'hmdb/videos/kick/v_2.avi'])
    paths = ['Tai_Chi/v_1.avi', 'v_1.avi', 'v_2.avi']
    assert store.locate(paths, '/gone/ucf/videos') == [
        '/gone/ucf/videos/Tai_Chi/v_1.avi',
        '/gone/ucf/videos/Tai_Chi/v_1.avi',
        '/gone/ucf/videos/v_2.avi',
    ]
    with pytest.raises(FileNotFoundError, match='none of the 2 videos'):
        store.locate(['v_1.avi', 'v_2.avi'], '/gone/k400/videos')


def test_video_that_could_not_be_packed_says_why(tmp_path):
    (tmp_path / 'bad.mp4').write_text('no video')
    videos = {'bad.mp4': str(tmp_path / 'bad.mp4'), 'gone.mp4': 'gone.mp4'}
    folder = tmp_path / 'store'
    [*pack(videos, folder, PackSettings(), {})]
    for name in videos:
        with pytest.raises(OSError, match=f'{name} was not packed: .*{name}'):
            PackedStore(folder).open(name)


def test_changed_byte_is_told_and_not_shown(packed):
    store = packed(['x.mp4', 'y.mp4'])
    entry = store.entry('y.mp4')
    with (store.folder / 'shard_00000.tar').open('r+b') as file:
        file.seek(entry['offset'] + sum(entry['sizes'][:3]) + 100)
        file.write(b'?')
    video = store.open('y.mp4')
    assert len(video.read([2, 4])) == 2
    with pytest.raises(OSError, match='y.mp4: frame 3 in .* wrong checksum'):
        video.read([3])


def test_folder_that_is_no_store_or_half_a_store_is_refused(packed, tmp_path):
    with pytest.raises(FileNotFoundError, match='videos is no store'):
        PackedStore(tmp_path / 'videos')
    store = packed(['x.mp4', 'y.mp4'])
    assert json.loads((store.folder / 'about.json').read_text())
    index = store.folder / 'index.tsv'
    index.write_bytes(index.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(ValueError, match='1 of 2 videos are packed; let'):
        open_store(store.folder)
