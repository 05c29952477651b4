import time

import pytest

from mmovar.datasets import read_annotation_list
from mmovar.datasets.annotation_list import (
    Annotation,
    classes_without_video,
    select_classes,
)
from mmovar.vocabulary import hmdb51_legacy_names, read_classnames

NAMES = ('diving', 'kick', 'kick ball')


def read(tmp_path, content, classnames=NAMES):
    path = tmp_path / 'list.txt'
    path.write_bytes(content.encode())
    return [item[:2] for item in read_annotation_list(path, classnames)]


@pytest.mark.parametrize(
    'content',
    [
        'a.mp4 0\nb.mp4 2\n',
        'a.mp4,0\nb.mp4,2',
        'a.mp4\t0\nb.mp4\t2\n',
        'a.mp4, 0\nb.mp4 , 2 \n',
        '\ufeffa.mp4 0\r\n\r\n  \r\nb.mp4 2\r\n',
        '"a.mp4",0\n"b.mp4","2"\n',
        '\na.mp4    0   \n\nb.mp4,2\n\n',
    ],
)
def test_every_form_of_line_gives_the_same_videos(tmp_path, content):
    assert read(tmp_path, content) == [('a.mp4', 0), ('b.mp4', 2)]


@pytest.mark.parametrize(
    ('line', 'path'),
    [
        ('val/my clip 2.mp4 1', 'val/my clip 2.mp4'),
        ('val/my clip.mp4,1', 'val/my clip.mp4'),
        ('val/one, two.mp4 1', 'val/one, two.mp4'),
        ('"val/one, ""two"".mp4",1', 'val/one, "two".mp4'),
        ('kick/Aussie(1)_[x];!_0.avi 1', 'kick/Aussie(1)_[x];!_0.avi'),
        ('Übung.mp4 1', 'Übung.mp4'),
    ],
)
def test_paths_keep_blanks_commas_and_signs(tmp_path, line, path):
    assert read(tmp_path, line) == [(path, 1)]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', 'list.txt: the annotation list is empty'),
        ('\n \r\n', 'list.txt: the annotation list is empty'),
        ('a.mp4 0\n\nb.mp4\n', "list.txt, line 3: expected 'path label'"),
        ('a.mp4 x\n', "list.txt, line 1: the label must be an integer.*'x'"),
        ('a.mp4 1.0\n', 'line 1: the label must be an integer'),
        ('a.mp4 0\nb.mp4 3\n', r'line 2: label 3 is out of range.*0\.\.2'),
        ('a.mp4,-1\n', 'line 1: label -1 is out of range'),
    ],
)
def test_errors_name_file_and_line(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, content)


def test_missing_list_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.txt'):
        read_annotation_list(tmp_path / 'nowhere.txt', NAMES)


def test_class_names_in_another_order_than_the_folders_are_found(tmp_path):
    content = 'diving/a.avi 0\nkick/b.avi 1\nkick_ball/c.avi 2\n'
    assert len(read(tmp_path, content)) == 3
    swapped = ('diving', 'kick ball', 'kick')
    with pytest.raises(ValueError, match='line 2.*do not fit.*kick.*class 2'):
        read(tmp_path, content, swapped)


def test_folders_match_names_in_any_spelling(tmp_path):
    names = ('Apply Eye Makeup', 'Yoyo')
    content = 'ApplyEyeMakeup/a.avi 0\nYoYo/b.avi 1\nval/c.avi 0\n'
    assert len(read(tmp_path, content, names)) == 3


UCF = read_classnames('ucf101')
MAKEUP = 'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi'
YOYO = 'YoYo/v_YoYo_g08_c02.avi'
KICK = 'Bad_Boy_Kick_kick_f_cm_np1_le_med_0.avi'
KICK_BALL = 'Ball_kick_ball_f_cm_np1_le_med_0.avi'


def test_frame_lists_give_the_number_of_frames(tmp_path):
    path = tmp_path / 'list.txt'
    path.write_text('bending back/05mZ 300 2\nv_Archery_g01_c01__0 44 1\n')
    names = ('diving', 'archery', 'bending back')
    assert read_annotation_list(path, names) == [
        ('bending back/05mZ', 2, 300),
        ('v_Archery_g01_c01__0', 1, 44),
    ]


@pytest.mark.parametrize(
    'content', [f'{MAKEUP} 1\n{YOYO} 101\n', f'{MAKEUP}\n{YOYO}\n']
)
def test_official_lists_of_ucf101_are_recognised(tmp_path, content):
    assert read(tmp_path, content, UCF) == [(MAKEUP, 0), (YOYO, 100)]


def test_list_without_labels_needs_classes_in_its_paths(tmp_path):
    with pytest.raises(ValueError, match='line 2: no label.*a/b.avi'):
        read(tmp_path, f'{MAKEUP}\na/b.avi\n', UCF)


def test_official_flags_of_hmdb51_are_no_labels(tmp_path):
    path = tmp_path / 'kick_test_split1.txt'
    path.write_text(f'{KICK} 1 \n')
    with pytest.raises(ValueError, match='flags.*prepare.py'):
        read_annotation_list(path, read_classnames('hmdb51'))


@pytest.mark.parametrize(
    'labels', [range(1, 21), range(1, 20)], ids=['to the end', 'without last']
)
def test_labels_that_count_from_one_are_refused(tmp_path, labels):
    names = [f'class {letter}' for letter in 'abcdefghijklmnopqrst']
    content = ''.join(f'{label:011d}.mp4 {label}\n' for label in labels)
    with pytest.raises(ValueError, match="count from 1: class 0 .'class a'"):
        read(tmp_path, content, names)


def test_other_folders_with_labels_from_one_are_refused(tmp_path):
    with pytest.raises(ValueError, match='line 1.*labels count from 0'):
        read(tmp_path, 'diving/a.mp4 1\nkick/b.mp4 2\n')


@pytest.mark.parametrize('copy', ['', '__3'])
def test_file_names_must_agree_with_the_labels(tmp_path, copy):
    hmdb51 = read_classnames('hmdb51')
    stem = KICK_BALL.removesuffix('.avi')
    assert read(tmp_path, f'{stem}{copy}.avi 21', hmdb51)
    with pytest.raises(ValueError, match="file name names 'kick_ball'.*21"):
        read(tmp_path, f'{stem}{copy}.avi 20', hmdb51)


def test_wrong_names_pass_on_purpose_only(tmp_path):
    legacy = hmdb51_legacy_names()
    (tmp_path / 'list.txt').write_text(f'{KICK} 20\n{KICK_BALL} 21\n')
    path = tmp_path / 'list.txt'
    with pytest.raises(ValueError, match='do not fit'):
        read_annotation_list(path, legacy)
    videos = read_annotation_list(path, legacy, check_paths=False)
    assert [legacy[video.label] for video in videos] == ['kick ball', 'kick']


def test_one_label_for_two_classes_is_found_under_any_names(tmp_path):
    names = ['hitting with the foot', 'kicking a ball away']
    content = f'{KICK} 0\n{KICK_BALL} 0\n'
    with pytest.raises(ValueError, match='line 2: videos of two classes'):
        read(tmp_path, content, names)
    assert read(
        tmp_path,
        content.replace(
            'ball_f_cm_np1_le_med_0.avi 0', 'ball_f_cm_np1_le_med_0.avi 1'
        ),
        names,
    )


VIDEOS = [Annotation('a', 0), Annotation('b', 1), Annotation('c', 2)]


def test_selected_classes_are_counted_anew():
    selected = select_classes(VIDEOS, NAMES, ['KickBall', 'Diving: In water'])
    assert selected == [('a', 1, None), ('c', 0, None)]


@pytest.mark.parametrize(
    ('names', 'message'),
    [
        (['kick', 'flying'], "1 class names are not.*'flying'"),
        (['kick', 'Kick'], 'differ in spelling only'),
    ],
)
def test_selection_must_be_among_the_names_of_the_list(names, message):
    with pytest.raises(ValueError, match=message):
        select_classes(VIDEOS, NAMES, names)


def test_empty_selection_is_refused():
    with pytest.raises(ValueError, match='no video of the selected'):
        select_classes(VIDEOS[:1], NAMES, ['kick'])


def test_classes_without_video_are_named():
    assert classes_without_video(VIDEOS[:2], NAMES) == ['kick ball']


def test_a_video_that_is_listed_again_is_named(tmp_path, monkeypatch):
    said = []
    log = f'{read_annotation_list.__module__}.print_log'
    monkeypatch.setattr(log, lambda text, **_: said.append(text))
    assert len(read(tmp_path, 'a.mp4 0\nb.mp4 1\n./a.mp4 0\n')) == 3
    assert len(said) == 1
    assert '1 lines name a video again' in said[0]
    assert "'./a.mp4' in line 3" in said[0]


def test_wrong_labels_of_ones_own_pass_without_the_check(tmp_path):
    """Coarse groups of UCF101's classes."""
    path = tmp_path / 'list.txt'
    path.write_text('v_Archery_g01_c01.avi 0\nv_Basketball_g01_c01.avi 0\n')
    names = ['sports', 'other']
    with pytest.raises(ValueError, match='videos of two classes'):
        read_annotation_list(path, names)
    found = read_annotation_list(path, names, check_paths=False)
    assert [video.label for video in found] == [0, 0]


def test_many_class_names_take_seconds(tmp_path):
    """Comparing each with each took 150 s."""
    names = tuple(f'class {i}' for i in range(100_000))
    start = time.process_time()
    assert read(tmp_path, 'class 7/a.mp4 7\n', names) == [('class 7/a.mp4', 7)]
    (tmp_path / 'names.txt').write_text('\n'.join(names))
    assert read_classnames(tmp_path / 'names.txt') == names
    assert select_classes(VIDEOS[:1], names, names[:50_000])
    assert time.process_time() - start < 30
