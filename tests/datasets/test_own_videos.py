import os
from collections import Counter

import pytest
from mmengine.logging import MMLogger

from mmovar.datasets.io.video_locator import VIDEO_SUFFIXES
from mmovar.datasets.own_videos import read_own_videos

SPLITS = ('train', 'val', 'test')


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def clips(*folders, number=3):
    return [f'{f}/{i}.mp4' for f in folders for i in range(number)]


def table(root, text, name='list.csv'):
    path = root / name
    path.write_bytes(text.encode())
    return path


def read(path, split='train', seed=0):
    """Return {path below the folder: class name} of a split."""
    root = path if path.is_dir() else path.parent
    files, labels, names = read_own_videos(path, split, seed)
    return {
        file.removeprefix(f'{root}/'): names[label]
        for file, label in zip(files, labels, strict=True)
    }


@pytest.fixture
def warnings(caplog):
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def test_class_folders_are_read_to_any_depth_and_through_links(tmp_path):
    root = make(tmp_path / 'own', *clips('run', number=2), 'run/x/y/2.MKV')
    elsewhere = make(tmp_path / 'elsewhere', *clips('far/away'))
    (root / 'jump_high').symlink_to(elsewhere / 'far')
    (root / 'notes.txt').touch()
    (root / 'run/notes.txt').touch()
    found = {k: v for split in SPLITS for k, v in read(root, split).items()}
    assert found == {
        'run/0.mp4': 'run',
        'run/1.mp4': 'run',
        'run/x/y/2.MKV': 'run',
        **{f'jump_high/away/{i}.mp4': 'jump high' for i in range(3)},
    }


def test_hidden_files_and_folders_do_not_count(tmp_path):
    hidden = ['.git/a.mp4', 'run/._0.mp4', 'run/.cache/1.mp4']
    root = make(tmp_path, *clips('run', 'jump'), *hidden)
    assert sum(len(read(root, split)) for split in SPLITS) == 6


def test_names_are_sorted_with_blanks_for_signs(tmp_path):
    root = make(tmp_path, *clips('sit-up', '_do__the_twist ', 'Zumba'))
    names = read_own_videos(root).classnames
    assert names == ['Zumba', 'do the twist', 'sit up']


@pytest.mark.parametrize(
    ('train', 'val'),
    [
        ('train', 'val'),
        ('train', 'valid'),
        ('train', 'validation'),
        ('Train', 'Val'),
    ],
)
def test_folders_tell_the_splits(tmp_path, train, val):
    videos = [f'{train}/a/1.mp4', f'{train}/b/2.mp4', f'{val}/b/3.mp4']
    root = make(tmp_path, *videos, 'test/a/x/4.mp4')
    (root / 'notes').mkdir()
    assert read(root) == {f'{train}/a/1.mp4': 'a', f'{train}/b/2.mp4': 'b'}
    assert read(root, 'val') == {f'{val}/b/3.mp4': 'b'}
    assert read(root, 'validation') == {f'{val}/b/3.mp4': 'b'}
    assert read(root, 'test') == {'test/a/x/4.mp4': 'a'}


@pytest.mark.parametrize('there', ['val', 'test'])
def test_val_and_test_stand_in_for_each_other(tmp_path, there):
    root = make(tmp_path, 'train/a/1.mp4', f'{there}/b/2.mp4')
    assert read(root, 'val') == read(root, 'test')
    assert read(root, 'val') == {f'{there}/b/2.mp4': 'b'}


@pytest.mark.parametrize(
    ('there', 'wanted'),
    [('train', 'val'), ('train', 'test'), ('val', 'train')],
)
def test_a_split_without_videos_is_refused(tmp_path, there, wanted):
    root = make(tmp_path, f'{there}/a/1.mp4', f'{there}/b/2.mp4')
    message = rf"no video of split '{wanted}', only of \['{there}'\]"
    with pytest.raises(ValueError, match=message):
        read(root, wanted)


def test_labels_mean_the_same_in_all_splits(tmp_path):
    root = make(tmp_path, 'train/b/1.mp4', 'train/c/2.mp4', 'test/a/3.mp4')
    train, test = read_own_videos(root), read_own_videos(root, 'test')
    assert train.classnames == test.classnames == ['a', 'b', 'c']
    assert (train.labels, test.labels) == ([1, 2], [0])


def test_class_folder_without_a_video_is_left_out_by_name(tmp_path, warnings):
    root = make(tmp_path, 'train/a/1.mp4', 'train/b/2.mp4', 'test/b/3.mp4')
    make(root, 'train/empty/notes.txt')
    assert read_own_videos(root).classnames == ['a', 'b']
    assert '1 class folders without a video (empty)' in warnings.text


@pytest.mark.parametrize('name', ['train/4.mp4', '4.mp4'])
def test_video_outside_of_class_folders_is_left_out_by_name(
    tmp_path, warnings, name
):
    root = make(tmp_path, 'train/a/1.mp4', 'train/b/2.mp4', name)
    assert read_own_videos(root).classnames == ['a', 'b']
    assert f'1 videos outside of class folders ({root}/{name})' in (
        warnings.text
    )


def test_complete_folders_give_no_warning(tmp_path, warnings):
    read_own_videos(make(tmp_path, *clips('a', 'b')))
    assert not warnings.text


@pytest.mark.parametrize('number', [3, 4, 5, 7, 10, 20, 101])
def test_drawn_splits_are_disjoint_and_cover_each_class(tmp_path, number):
    root = make(tmp_path, *clips('a', number=number), *clips('b'))
    parts = [read(root, split) for split in SPLITS]
    sizes = [Counter(part.values()) for part in parts]
    assert sum(map(len, parts)) == len(set().union(*parts)) == number + 3
    assert [size['b'] for size in sizes] == [1, 1, 1]
    for size, share in zip(sizes, (0.7, 0.15, 0.15), strict=True):
        assert size['a'] >= 1
        assert abs(size['a'] - share * number) <= 1.15


def test_draw_depends_on_seed_class_and_names_only(tmp_path):
    names = clips('a', 'b_c', number=20)
    here = make(tmp_path / 'here', *names)
    there = make(tmp_path / 'some/where', *reversed(names))
    rows = [
        f'some/where/{name},{"a" if name[0] == "a" else "b c"}\n'
        for name in sorted(names, key=lambda name: name.split('/')[1])
    ]
    listed = table(tmp_path, 'path,label\n' + ''.join(rows))
    absolute = f'path,label\n{tmp_path}/' + f'{tmp_path}/'.join(rows)
    absolute = table(make(tmp_path / 'x', 'y'), absolute)
    for split in SPLITS:
        drawn = list(read(here, split))
        assert drawn == sorted(drawn)
        assert list(read(there, split)) == drawn
        prefixed = [f'some/where/{name}' for name in drawn]
        assert list(read(listed, split)) == prefixed
        assert list(read(absolute, split)) == [
            f'{tmp_path}/{name}' for name in prefixed
        ]
    by_class = [
        {name.split('/')[1] for name, text in read(here).items() if text == c}
        for c in ('a', 'b c')
    ]
    assert by_class[0] != by_class[1]


def test_draw_is_the_same_in_every_release(tmp_path):
    root = make(tmp_path, *clips('a', 'b', number=5))
    assert list(read(root, 'test')) == ['a/1.mp4', 'b/4.mp4']


def test_seeds_draw_differently(tmp_path):
    root = make(
        tmp_path, *(f'{c}/{i}/video.mp4' for c in 'ab' for i in range(9))
    )
    assert len({tuple(read(root, 'val', seed)) for seed in range(5)}) > 2


def test_too_few_videos_to_draw_name_the_class(tmp_path):
    root = make(tmp_path, *clips('a'), *clips('b_c', number=2))
    message = "'b_c' has 2 videos.*split by folders or by a column"
    with pytest.raises(ValueError, match=message):
        read(root)


@pytest.mark.parametrize(
    ('name', 'sign'),
    [('l.csv', ','), ('l.csv', ';'), ('l.TSV', '\t'), ('l.txt', '\t')],
)
def test_a_list_tells_class_and_split(tmp_path, name, sign):
    root = make(tmp_path / 'r', 'x/1.mp4', '2, b.mp4')
    other = make(tmp_path, 'o/3.mp4') / 'o/3.mp4'
    rows = [
        '\ufeffLabel|path| Split|fps',
        'take_off|x/1.mp4|train|25',
        'land|"2, b.mp4"|TRAIN|',
        '',
        f'land|{other}|valid|30',
    ]
    text = '\r\n'.join(rows).replace('|', sign)
    path = table(root, text, name)
    assert read(path) == {'x/1.mp4': 'take off', '2, b.mp4': 'land'}
    assert read(path, 'test') == {str(other): 'land'}


def test_a_line_that_is_repeated_counts_once(tmp_path):
    make(tmp_path, *clips('a', 'b'))
    rows = [f'{name},{name[0]}\n' for name in clips('a', 'b')]
    path = table(tmp_path, 'path,label\n' + ''.join(rows * 2))
    assert sum(len(read(path, split)) for split in SPLITS) == 6


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', r'line 1: expected columns path, label.*got \[\]'),
        ('a.mp4 0\n', r"line 1: expected columns.*got \['a.mp4 0'\]"),
        ('path,class\na.mp4,x\n', r"expected columns.*\['path', 'class'\]"),
        ('path,label\n', 'the list has no video'),
        ('path,label\na.mp4,x\n\nb.mp4,\n', r"line 4: .*\['b.mp4', ''\]"),
        ('path,label\na.mp4,x\n,y\n', r"line 3: .*\['', 'y'\]"),
        ('path,label\na.mp4,_\n', "line 2: a class needs a name, got '_'"),
        ('path,label\na.mp4,12\n', "line 2: a class needs a name, got '12'"),
        ('path,label\na, b.mp4,x\n', r"line 2: .*\['a', 'b.mp4', 'x'\]"),
        (
            'path,label,split\na.mp4,x,dev\n',
            r"line 2: unknown split 'dev', expected one of \['train', 'val', ",
        ),
        ('path,label,split\na.mp4,x,\n', "line 2: unknown split ''"),
        ('path,label,split\na.mp4,x\n', r"line 2: .*\['a.mp4', 'x'\]"),
        ('path,label\na.mp4,x_y\nb.mp4,x y\n', "line 3.*'x y'.*as 'x_y'"),
        ('path,label\na.mp4,x\nb.mp4,x\n', r"two classes, got \['x'\]"),
        (
            'path,label\na.mp4,x\n./a.mp4,y\n',
            r"line 3: .*a.mp4 has .*\('y', ''\), .*'x'.*list.csv, line 2",
        ),
        (
            'path,label,split\na.mp4,x,train\nb.mp4,y,val\na.mp4,x,val\n',
            "line 4: .*'val'.*'train'",
        ),
    ],
)
def test_errors_of_lists_name_place_and_value(tmp_path, text, message):
    path = table(make(tmp_path, 'a.mp4', 'b.mp4'), text)
    with pytest.raises(ValueError, match=f'{path}.*{message}'):
        read(path)


def test_listed_files_that_are_absent_are_counted_and_named(tmp_path):
    rows = [f'{i}.mp4,{"xy"[i % 2]}\n' for i in range(14)]
    path = table(make(tmp_path, '0.mp4'), 'path,label\n' + ''.join(rows))
    message = (
        r'13 of 14 videos do not exist: .*/1.mp4 \(.*line 3\), .*, \.\.\.'
    )
    with pytest.raises(FileNotFoundError, match=message):
        read(path)


def test_broken_links_are_absent(tmp_path):
    root = make(tmp_path, *clips('a', 'b'))
    (root / 'a/gone.mp4').symlink_to('nowhere.mp4')
    with pytest.raises(FileNotFoundError, match='1 of 7.*a/gone.mp4'):
        read(root)


@pytest.mark.parametrize(
    ('names', 'message'),
    [
        (['notes.txt'], 'no video in 0 class folders, 0 outside'),
        (['1.mp4'], 'no video in 0 class folders, 1 outside'),
        (['a/1.txt', 'b/2.png'], 'no video in 2 class folders, 0 outside'),
        (['train/1.mp4', 'run/2.mp4'], 'no video in 0 class folders, 2 out'),
        (clips('a'), r"expected two classes, got \['a'\]"),
        (clips('brush_hair', 'brush-hair'), "'brush_?-?hair'.*same name"),
        (clips('kick', 'Kick'), "'[kK]ick' has the same name as '[kK]ick'"),
        (clips('0', '1'), "a class needs a name, got '[01]'"),
        (clips('train/a', 'extra/b'), "unknown split 'extra'"),
    ],
)
def test_errors_of_folders_name_them(tmp_path, names, message):
    root = make(tmp_path, *names)
    with pytest.raises(ValueError, match=f'{root}.*{message}'):
        read(root)


def test_error_names_the_suffixes_of_videos(tmp_path):
    with pytest.raises(ValueError, match='with one of the suffixes') as error:
        read(tmp_path)
    assert str(error.value).endswith(VIDEO_SUFFIXES)


def test_one_file_in_two_class_folders_is_refused(tmp_path):
    root = make(tmp_path, *clips('a', 'b'))
    (root / 'b/link.mp4').symlink_to(root / 'a/0.mp4')
    with pytest.raises(
        ValueError, match=r"\('[ab]', ''\), but \('[ab]', ''\)"
    ):
        read(root)


@pytest.mark.parametrize('name', ['nowhere', 'clip.mp4', 'list.json'])
def test_neither_folder_nor_list_is_refused(tmp_path, name):
    make(tmp_path, 'clip.mp4', 'list.json')
    with pytest.raises(FileNotFoundError, match=f'{name} is neither.*.csv'):
        read(tmp_path / name)


def test_unknown_split_is_refused(tmp_path):
    with pytest.raises(ValueError, match="split 'dev', expected one of.*val"):
        read(tmp_path, 'dev')


def test_folders_that_cannot_be_read_are_not_passed_over(
    tmp_path, monkeypatch
):
    root = make(tmp_path, *clips('a', 'b'))
    scandir = os.scandir

    def locked(path):
        if str(path).endswith('b'):
            raise PermissionError(13, 'locked', str(path))
        return scandir(path)

    monkeypatch.setattr(os, 'scandir', locked)
    with pytest.raises(PermissionError, match='locked'):
        read(root)


def test_links_back_to_a_folder_end(tmp_path):
    make(tmp_path, 'kick/a.mp4', 'wave/b.mp4')
    for name in ('kick/up', 'kick/again'):
        (tmp_path / name).symlink_to(tmp_path / 'kick')
    (tmp_path / 'wave' / 'on').symlink_to(tmp_path / 'wave')
    with pytest.raises(ValueError, match='kick.* has 1 videos'):
        read(tmp_path)
