import pytest

from mmovar.datasets import read_annotation_list

NAMES = ('diving', 'kick', 'kick ball')


def read(tmp_path, content, classnames=NAMES):
    path = tmp_path / 'list.txt'
    path.write_bytes(content.encode())
    return [tuple(item) for item in read_annotation_list(path, classnames)]


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
