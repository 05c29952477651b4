"""Packing that is killed, or started again with other settings."""

import os
import tarfile

import pytest

from mmovar.datasets.io.packed_store import PackedStore
from mmovar.datasets.preparation import packing
from mmovar.datasets.preparation.packing import PackSettings, pack

SETTINGS = PackSettings(frames=4)


@pytest.fixture
def videos(make_video, monkeypatch):
    """Five videos, the second broken; a shard holds two."""
    files = {f'{i}.mp4': make_video(f'{i}.mp4', step=9 + i) for i in range(5)}
    files['1.mp4'].write_text('no video')
    monkeypatch.setattr(packing, '_SHARD_BYTES', 6000)
    monkeypatch.setattr(packing, '_GROUP', 2)
    return {f'videos/{name}': str(file) for name, file in files.items()}


def content(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def kill_at(videos, folder, count, torn):
    """Pack in a process that ends without a word, in the middle of a write."""
    pid = os.fork()
    if not pid:
        packed = pack(videos, folder, SETTINGS, {})
        for _ in range(count):
            next(packed)
        for name in torn:
            path = max(folder.glob(name))
            with path.open('ab') as file:
                file.write(b'"half of a video\tand no end')
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9


@pytest.mark.parametrize('workers', [1, 3])
def test_bytes_do_not_depend_on_workers(videos, tmp_path, workers):
    for name, count in (('one', 1), ('more', workers)):
        [*pack(videos, tmp_path / name, SETTINGS, {}, count)]
    assert content(tmp_path / 'one') == content(tmp_path / 'more')
    assert len([*(tmp_path / 'one').glob('*.tar')]) == 2


@pytest.mark.parametrize('torn', ['*.tsv', '*.tar', '*.t*'])
@pytest.mark.parametrize('count', [1, 2, 3, 5])
def test_killed_packing_goes_on_to_the_same_bytes(
    videos, tmp_path, count, torn
):
    whole, killed = tmp_path / 'whole', tmp_path / 'killed'
    [*pack(videos, whole, SETTINGS, {})]
    kill_at(videos, killed, count, [torn])
    assert content(killed) != content(whole)
    new = [new for *_, new in pack(videos, killed, SETTINGS, {})]
    assert new == sorted(new) and len(new) == 5
    assert count - new.count(False) in (0, 1)
    assert content(killed) == content(whole)
    assert [*pack(videos, killed, SETTINGS, {})]  # nothing is left to do
    assert content(killed) == content(whole)


def test_shards_are_tar_files_of_jpeg_frames(videos, tmp_path):
    [*pack(videos, tmp_path / 'store', SETTINGS, {})]
    names = []
    for path in sorted((tmp_path / 'store').glob('*.tar')):
        with tarfile.open(path) as shard:
            for member in shard:
                names.append(member.name)
                data = shard.extractfile(member).read()
                assert data.count(b'\xff\xd8\xff') == 4
    assert names == [f'{name}.mjpeg' for name in videos if '/1.' not in name]


def test_other_settings_or_videos_are_refused_and_named(videos, tmp_path):
    store = tmp_path / 'store'
    [*pack(videos, store, SETTINGS, {})]
    before = content(store)
    with pytest.raises(ValueError, match='quality 90, now 80'):
        [*pack(videos, store, PackSettings(4, quality=80), {})]
    with pytest.raises(ValueError, match='videos 5, now 4'):
        [*pack(dict([*videos.items()][1:]), store, SETTINGS, {})]
    assert content(store) == before


def test_shard_that_lost_bytes_is_refused(videos, tmp_path):
    store = tmp_path / 'store'
    [*pack(videos, store, SETTINGS, {})]
    os.truncate(store / 'shard_00001.tar', 700)
    with pytest.raises(ValueError, match='00001.tar has 700 bytes.*damaged'):
        [*pack(videos, store, SETTINGS, {})]


def test_wrong_checksum_is_found_by_reading_all(videos, tmp_path):
    [*pack(videos, tmp_path / 'store', SETTINGS, {})]
    store = PackedStore(tmp_path / 'store')
    assert [*packing.damaged_videos(store)] == []
    entry = store.entry('videos/3.mp4')
    path = store.folder / f'shard_{entry["shard"]:05d}.tar'
    with path.open('r+b') as file:
        file.seek(entry['offset'] + 50)
        file.write(b'?')
    (found,) = packing.damaged_videos(store)
    assert found[0] == 'videos/3.mp4' and 'frame 1' in found[1]


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(frames=0), 'frames must be >= 1, got 0'),
        (dict(frames=8, stride=2), 'either frames or stride'),
        (dict(frames=None), 'either frames or stride'),
        (dict(short_side=-1), 'short_side must be >= 1, got -1'),
        (dict(quality=101), 'quality must be <= 100, got 101'),
    ],
)
def test_settings_out_of_range_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        PackSettings(**settings)
