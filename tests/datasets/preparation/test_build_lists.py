import pytest

from mmovar.datasets import read_annotation_list
from mmovar.datasets.annotation_list import Annotation
from mmovar.datasets.io.video_locator import VideoIndex
from mmovar.datasets.preparation.build_lists import (
    build_list,
    write_list,
    write_missing,
)

NAMES = ('kick', 'wave')
VIDEOS = [Annotation('kick/a.avi', 0), Annotation('wave/b.avi', 1)]


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_list_holds_the_paths_on_disk(tmp_path):
    touch(tmp_path / 'videos', 'x/a.mp4', 'b.webm')
    index = VideoIndex(tmp_path / 'videos')
    built = build_list('my_list', VIDEOS, index, NAMES)
    path = write_list(built, tmp_path)
    write_missing(built, tmp_path)
    assert path.name == 'my_list_videos.txt'
    assert path.read_text() == 'x/a.mp4 0\nb.webm 1\n'
    assert read_annotation_list(path, NAMES) == [
        ('x/a.mp4', 0, None),
        ('b.webm', 1, None),
    ]
    assert not (tmp_path / 'my_list_missing.txt').exists()


def test_missing_videos_and_classes_are_counted_and_named(tmp_path):
    touch(tmp_path / 'videos', 'a.avi')
    index = VideoIndex(tmp_path / 'videos')
    built = build_list('my_list', VIDEOS, index, NAMES)
    assert (built.total, built.missing) == (2, ('wave/b.avi',))
    assert built.absent == ('wave',)
    write_missing(built, tmp_path)
    missing = tmp_path / 'my_list_missing.txt'
    assert missing.read_text() == 'wave/b.avi\n'
    touch(tmp_path / 'videos', 'b.avi')
    index = VideoIndex(tmp_path / 'videos')
    write_missing(build_list('my_list', VIDEOS, index, NAMES), tmp_path)
    assert not missing.exists()


def test_empty_list_is_not_written(tmp_path):
    built = build_list('my_list', VIDEOS, VideoIndex(tmp_path), NAMES)
    with pytest.raises(ValueError, match='my_list: none of 2 videos'):
        write_list(built, tmp_path)
    assert list(tmp_path.iterdir()) == []
