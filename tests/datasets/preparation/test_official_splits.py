import csv
import json
from collections import Counter

import pytest

from helpers.published import published
from mmovar.datasets import read_annotation_list
from mmovar.datasets.io.video_locator import video_stem
from mmovar.datasets.preparation.official_splits import (
    read_class_folders,
    read_hmdb51,
    read_kinetics,
    read_ssv2,
    read_ucf101,
)
from mmovar.vocabulary import read_classnames


def write_hmdb51(folder, flags=(1, 2, 0)):
    """Official files of split 1: one video a class for each flag."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in read_classnames('hmdb51:snake'):
        lines = [
            f'a_{name}_u_nm_np1_ba_goo_{n}.avi {flag} \n'
            for n, flag in enumerate(flags)
        ]
        (folder / f'{name}_test_split1.txt').write_text(''.join(lines))


def test_hmdb51_flags_make_train_and_val(tmp_path):
    write_hmdb51(tmp_path / 'testTrainMulti_7030_splits')
    lists = read_hmdb51(tmp_path)
    assert set(lists) == {'hmdb51_train_split_1', 'hmdb51_val_split_1'}
    assert lists['hmdb51_val_split_1'][21] == (
        'kick_ball/a_kick_ball_u_nm_np1_ba_goo_1.avi',
        21,
        None,
    )
    assert all(len(videos) == 51 for videos in lists.values())


def test_hmdb51_class_that_is_missing_is_named(tmp_path):
    write_hmdb51(tmp_path)
    (tmp_path / 'wave_test_split1.txt').unlink()
    with pytest.raises(FileNotFoundError, match='1 classes.*wave_test_split1'):
        read_hmdb51(tmp_path)


def test_hmdb51_flag_must_be_known(tmp_path):
    write_hmdb51(tmp_path, flags=(1, 3))
    with pytest.raises(ValueError, match='brush_hair_test_split1.*line 2'):
        read_hmdb51(tmp_path)


def test_ssv2_templates_are_classes(tmp_path):
    entry = dict(
        id='78687', template='Holding [something] next to [something]'
    )
    path = tmp_path / 'something-something-v2-validation.json'
    path.write_text(json.dumps([entry]))
    lists = read_ssv2(tmp_path)
    label = read_classnames('ssv2').index(
        'Holding something next to something'
    )
    assert lists == {'sthv2_val_list': [('78687.webm', label, None)]}
    path.write_text(json.dumps([dict(entry, template='Flying')]))
    with pytest.raises(ValueError, match="ssv2 has no class 'Flying'"):
        read_ssv2(tmp_path)


def test_kinetics_csv(tmp_path):
    path = tmp_path / 'kinetics_val.csv'
    path.write_text(
        'label,youtube_id,time_start,time_end,split\n'
        '"bending back",0wR5jVB-WPk,417,427,val\n'
    )
    lists = read_kinetics('kinetics400')(tmp_path)
    video = 'bending back/0wR5jVB-WPk_000417_000427.mp4'
    assert lists == {'kinetics400_val_list': [(video, 20, None)]}
    path.write_text('a,b\n1,2\n')
    with pytest.raises(ValueError, match="columns missing: .*'label'"):
        read_kinetics('kinetics400')(tmp_path)


def test_class_folders_in_any_spelling(tmp_path):
    for name in ('bending_back/b.mkv', 'abseiling/a.mp4', 'lost/c.mp4'):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / 'abseiling' / 'notes.txt').touch()
    videos, unknown = read_class_folders(tmp_path, 'kinetics400')
    assert videos == [
        ('abseiling/a.mp4', 0, None),
        ('bending_back/b.mkv', 20, None),
    ]
    assert unknown == ['lost']


@pytest.mark.parametrize(
    'read', [read_ucf101, read_hmdb51, read_ssv2, read_kinetics('kinetics600')]
)
def test_folder_without_split_files_is_an_error(tmp_path, read):
    with pytest.raises(FileNotFoundError, match='no official split files'):
        read(tmp_path)


def test_half_of_a_pair_of_ucf101_is_an_error(tmp_path):
    (tmp_path / 'testlist02.txt').write_text('YoYo/v_YoYo_g01_c01.avi\n')
    with pytest.raises(FileNotFoundError, match='train list of split 2'):
        read_ucf101(tmp_path)


def test_official_files_of_ucf101_give_the_published_lists():
    for number in (1, 2, 3):
        for kind in ('train', 'test'):
            path = published(f'ucf101/official/{kind}list0{number}.txt')
    lists = read_ucf101(path.parent)
    sizes = {name: len(videos) for name, videos in lists.items()}
    assert sizes == {
        'ucf101_train_split_1': 9537,
        'ucf101_val_split_1': 3783,
        'ucf101_train_split_2': 9586,
        'ucf101_val_split_2': 3734,
        'ucf101_train_split_3': 9624,
        'ucf101_val_split_3': 3696,
    }
    for number in (1, 2, 3):
        listed = read_annotation_list(
            published(f'ucf101/vifi/val{number}.txt'),
            read_classnames('ucf101'),
        )
        mine = lists[f'ucf101_val_split_{number}']
        assert {video_stem(v.path): v.label for v in mine} == {
            video_stem(v.path): v.label for v in listed
        }


def test_official_files_of_hmdb51_give_the_published_lists(tmp_path):
    path = published('hmdb51/official/official_splits.csv')
    with path.open(newline='') as file:
        rows = list(csv.DictReader(file))
    for number in (1, 2, 3):
        texts = {}
        for row in rows:
            line = f'{row["video"]} {row[f"split{number}"]} \n'
            texts[row['class']] = texts.get(row['class'], '') + line
        for name, text in texts.items():
            (tmp_path / f'{name}_test_split{number}.txt').write_text(text)
    lists = read_hmdb51(tmp_path)
    names = read_classnames('hmdb51')
    for number in (1, 2, 3):
        train = lists[f'hmdb51_train_split_{number}']
        val = lists[f'hmdb51_val_split_{number}']
        assert (len(train), len(val)) == (3570, 1530)
        listed = read_annotation_list(
            published(f'hmdb51/vifi/val{number}.txt'), names
        )
        assert {(video_stem(v.path), v.label) for v in val} == {
            (video_stem(v.path), v.label) for v in listed
        }
    both = lists['hmdb51_train_split_1'] + lists['hmdb51_val_split_1']
    ep2 = read_annotation_list(
        published('hmdb51/openvclip_full_test.csv'), names
    )
    assert {(video_stem(v.path), v.label) for v in both} == {
        (video_stem(v.path), v.label) for v in ep2
    }
    assert len(both) == 5100
    assert set(Counter(v.label for v in both).values()) == {100}
