import pytest

from helpers.clips import write_video
from mmovar.datasets import CaptionDataset
from mmovar.datasets.caption_dataset import read_captions

MSRVTT = (
    'key,vid_key,video_id,sentence\n'
    'ret0,msr1,video1,"a man, running"\n'
    'ret1,msr2,video2,a dog\n'
    'ret2,msr3,video3,a dog\n'
)


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'list.csv').write_text(MSRVTT)
    for i in (1, 2, 3):
        write_video(tmp_path / 'videos' / f'video{i}.mp4')
    return tmp_path


def test_captions_are_the_classes_and_equal_ones_are_one(root):
    dataset = CaptionDataset(
        'list.csv',
        data_root=str(root),
        data_prefix=dict(video='videos'),
        pipeline=[],
        test_mode=True,
    )
    assert dataset.metainfo['classes'] == ('a man, running', 'a dog')
    infos = [dataset.get_data_info(i) for i in range(3)]
    assert [info['label'] for info in infos] == [0, 1, 1]
    assert infos[2]['filename'] == str(root / 'videos' / 'video3.mp4')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('clip,caption\n', r"needs a column \('video_id'"),
        ('video,label\n', r"needs a column \('sentence'"),
        ('video,caption\n', 'empty'),
        ('video,caption\na,\n', 'line 2: video or caption is empty'),
    ],
)
def test_malformed_lists_are_named(tmp_path, text, message):
    path = tmp_path / 'list.csv'
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_captions(path)


def test_missing_list_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'list\.csv'):
        read_captions(tmp_path / 'list.csv')
