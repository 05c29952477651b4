import pytest

from mmovar.datasets import locate_videos
from mmovar.datasets.io.clip_folders import find_clips
from mmovar.datasets.io.video_locator import VideoIndex


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def located(paths, root):
    return [path[len(str(root)) + 1 :] for path in locate_videos(paths, root)]


def test_paths_that_exist_are_taken_as_they_are(tmp_path):
    make(tmp_path, 'kick/a.avi', 'wave/b.avi')
    paths = ['kick/a.avi', 'kick/lost.avi', 'wave/b.avi']
    assert located(paths, tmp_path) == paths


def test_flat_list_finds_videos_in_class_folders(tmp_path):
    make(tmp_path, 'kick/a.avi', 'wave/b.c.avi', 'wave/a.txt')
    assert located(['a.avi', 'b.c.avi'], tmp_path) == [
        'kick/a.avi',
        'wave/b.c.avi',
    ]


def test_list_with_class_folders_finds_videos_in_a_flat_folder(tmp_path):
    make(tmp_path, 'a.mp4', 'b.webm')
    paths = ['kick/a.mp4', 'wave/b.mkv']  # and other extensions
    assert located(paths, tmp_path) == ['a.mp4', 'b.webm']


def test_folder_in_another_spelling_is_found(tmp_path):
    make(tmp_path, 'Archery/a.avi', 'HandstandPushups/b.avi')
    paths = ['Archery/a.avi', 'HandStandPushups/b.avi']
    assert located(paths, tmp_path)[1] == 'HandstandPushups/b.avi'


def test_ambiguous_name_is_settled_by_its_folder_or_left(tmp_path):
    make(tmp_path, 'x/Kick/1.avi', 'x/wave/1.avi')
    paths = ['kick/1.avi', 'jump/1.avi']
    assert located(paths, tmp_path) == ['x/Kick/1.avi', 'jump/1.avi']


def test_absolute_paths_need_no_folder(tmp_path):
    path = str(make(tmp_path, 'a.avi') / 'a.avi')
    assert locate_videos([path], '') == [path]
    assert locate_videos([path], tmp_path) == [path]


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere'):
        locate_videos(['a.avi'], tmp_path / 'nowhere')


def test_wrong_extension_of_one_video_is_found(tmp_path):
    make(tmp_path, 'kick/a.mp4', 'kick/b.mkv')
    assert located(['kick/a.mp4', 'kick/b.mp4'], tmp_path)[1] == 'kick/b.mkv'


ID = 'a_-5jVB-WPk'


@pytest.mark.parametrize(
    ('listed', 'on_disk'),
    [
        (f'val/{ID}.mp4', f'val/{ID}_000417_000427.mp4'),
        (f'val/{ID}_000417_000427.mp4', f'abseiling/{ID}.mkv'),
    ],
)
def test_youtube_id_decides_where_time_stamps_lack(tmp_path, listed, on_disk):
    make(tmp_path, on_disk, 'other.mp4')
    assert located([listed], tmp_path) == [on_disk]


def test_other_time_stamps_are_another_clip(tmp_path):
    make(tmp_path, f'{ID}_000001_000011.mp4', 'b.mp4')
    paths = [f'{ID}_000417_000427.mp4', 'x/b.mp4']
    assert located(paths, tmp_path) == [paths[0], 'b.mp4']


def test_two_clips_of_a_youtube_id_need_their_class_folder(tmp_path):
    make(
        tmp_path,
        f'acting in play/{ID}_000001_000011.mp4',
        f'zumba/{ID}_000031_000041.mp4',
    )
    paths = [f'val/acting_in_play/{ID}.mp4', f'val/{ID}.mp4']
    assert located(paths, tmp_path) == [
        f'acting in play/{ID}_000001_000011.mp4',
        paths[1],
    ]


def test_folder_without_a_single_match_is_one_error(tmp_path):
    make(tmp_path, 'kick/a.avi', 'kick/b.txt')
    with pytest.raises(
        FileNotFoundError,
        match=r"none of the 2 videos.*'x.mp4'.*1 videos such as 'kick/a.avi'",
    ):
        locate_videos(['x.mp4', 'y.mp4'], tmp_path)
    with pytest.raises(FileNotFoundError, match='holds no video'):
        locate_videos(['x.mp4'], make(tmp_path / 'empty', 'b.txt'))


@pytest.mark.parametrize('read', ['index', 'clips'])
def test_folders_with_links_to_themselves_are_read_once(tmp_path, read):
    """Two links make 2^40 paths before the system refuses."""
    make(tmp_path, 'kick/a.mp4', 'wave/b.mp4')
    for name in ('up', 'kick/again', 'another'):
        (tmp_path / name).symlink_to(tmp_path)
    (tmp_path / 'all').symlink_to(tmp_path / 'wave')
    found = (
        VideoIndex(tmp_path).files if read == 'index' else find_clips(tmp_path)
    )
    names = ['kick/a.mp4', 'wave/b.mp4']
    assert sorted(found) == [str(tmp_path / name) for name in names]
    assert located(['a.mp4', 'x/b.mp4'], tmp_path) == names


def test_links_to_other_folders_are_followed(tmp_path):
    make(tmp_path, 'disk/kick/a.mp4')
    (tmp_path / 'videos').mkdir()
    (tmp_path / 'videos' / 'link').symlink_to(tmp_path / 'disk')
    found = located(['a.mp4'], tmp_path / 'videos')
    assert found == ['link/kick/a.mp4']
