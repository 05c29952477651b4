import pytest

from helpers.clips import write_text, write_video
from helpers.exit_codes import exit_code
from mmovar.datasets import read_annotation_list
from mmovar.vocabulary import read_classnames

MAKEUP = 'v_ApplyEyeMakeup_g{:02d}_c01'
YOYO = 'v_YoYo_g{:02d}_c01'


@pytest.fixture
def prepare(load_tool, tmp_path):
    """Run tools/data/prepare.py below a temporary data root."""

    def run(dataset, *arguments):
        options = ['--data-root', str(tmp_path / 'data'), '--workers', '0']
        return exit_code(
            load_tool('data/prepare').main,
            [dataset, *map(str, arguments), *options],
        )

    return run


@pytest.fixture
def ucf101(tmp_path):
    """Split 1 of two classes; videos half flat, half in class folders."""
    splits = tmp_path / 'splits'
    splits.mkdir()
    train, test = [], []
    for folder, name, label in (
        ('ApplyEyeMakeup', MAKEUP, 1),
        ('YoYo', YOYO, 101),
    ):
        for number in range(1, 7):
            path = f'{folder}/{name.format(number)}.avi'
            if number > 2:
                train.append(f'{path} {label}\n')
            else:
                test.append(f'{path}\n')
    (splits / 'trainlist01.txt').write_text(''.join(train))
    (splits / 'testlist01.txt').write_text(''.join(test))
    videos = tmp_path / 'videos'
    for number in range(1, 7):
        write_video(videos / f'{MAKEUP.format(number)}.mp4')
        write_video(videos / 'YoYo' / f'{YOYO.format(number)}.mkv')
    return videos, splits


def read(tmp_path, name, names='ucf101'):
    folder = tmp_path / 'data' / name.partition('_')[0]
    return read_annotation_list(
        folder / f'{name}_videos.txt', read_classnames(names)
    )


def test_lists_of_ucf101(prepare, ucf101, tmp_path, capsys):
    videos, splits = ucf101
    assert prepare('ucf101', '--videos', videos, '--splits', splits) == 0
    train = read(tmp_path, 'ucf101_train_split_1')
    assert len(train) == 8
    assert train[-1] == (f'YoYo/{YOYO.format(6)}.mkv', 100, None)
    linked = tmp_path / 'data' / 'ucf101' / 'videos'
    assert all((linked / video.path).is_file() for video in train)
    out = capsys.readouterr().out
    assert 'ucf101_val_split_1: 4 of 4 videos' in out
    assert 'decoded 12 videos, 0 cannot be read' in out


def test_missing_and_broken_videos_are_named(
    prepare, ucf101, tmp_path, capsys
):
    videos, splits = ucf101
    (videos / f'{MAKEUP.format(1)}.mp4').unlink()
    write_text(videos / 'YoYo' / f'{YOYO.format(3)}.mkv')
    assert prepare('ucf101', '--videos', videos, '--splits', splits) == 1
    out = capsys.readouterr().out
    assert 'ucf101_val_split_1: 3 of 4 videos' in out
    missing = f'ucf101_val_split_1_missing.txt: ApplyEyeMakeup/{MAKEUP}'
    assert f'1 are missing, all in {missing.format(1)}' in out
    assert '1 cannot be read\n' in out
    assert f'{YOYO.format(3)}.mkv: ' in out
    assert len(read(tmp_path, 'ucf101_val_split_1')) == 3


def test_second_call_decodes_nothing_again(
    prepare, ucf101, monkeypatch, capsys
):
    videos, splits = ucf101
    prepare('ucf101', '--videos', videos, '--splits', splits)
    monkeypatch.setattr(
        'mmovar.datasets.preparation.decoding.decode_error', None
    )
    assert prepare('ucf101', '--videos', videos, '--splits', splits) == 0
    assert 'decoded 12 videos' in capsys.readouterr().out


def test_number_of_videos_to_decode(prepare, ucf101, capsys):
    videos, splits = ucf101
    arguments = ('ucf101', '--videos', videos, '--splits', splits, '--verify')
    for count, decoded in ((0, 0), (1, 2), (-1, 12)):
        prepare(*arguments, count)
        assert f'decoded {decoded} videos' in capsys.readouterr().out


def test_folder_without_a_single_match_is_one_error(
    prepare, ucf101, tmp_path, capsys
):
    write_video(tmp_path / 'others' / 'a.mp4')
    code = prepare(
        'ucf101', '--videos', tmp_path / 'others', '--splits', ucf101[1]
    )
    error = capsys.readouterr().err
    assert code == 2
    assert 'no video of any list' in error
    assert "1 videos such as 'a.mp4'" in error
    assert not (tmp_path / 'data').exists()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('--videos', 'nowhere'), 'video folder not found: nowhere'),
        (('--videos', '.', '--splits', 'nowhere'), 'split files: nowhere'),
        (('--videos', '.'), 'give --splits'),
    ],
)
def test_folders_that_do_not_exist_are_named(
    prepare, tmp_path, monkeypatch, capsys, arguments, message
):
    monkeypatch.chdir(tmp_path)
    assert prepare('ucf101', *arguments) == 2
    assert message in capsys.readouterr().err


def test_class_folders_of_kinetics(prepare, tmp_path, capsys):
    videos = tmp_path / 'k400'
    for part, name in (('train', 'abseiling'), ('val', 'bending back')):
        write_video(videos / part / name / '0wR5jVB-WPk_000417_000427.mp4')
    assert prepare('kinetics400', '--videos', videos) == 0
    train, val = (
        read(tmp_path, f'kinetics400_{part}_list', 'kinetics400')
        for part in ('train', 'val')
    )
    assert (train[0].label, val[0].label) == (0, 20)
    root = tmp_path / 'data' / 'kinetics400'
    assert (root / 'videos_val' / val[0].path).is_file()
    assert '399 classes have no video' in capsys.readouterr().out


def test_videos_beside_the_lists_are_not_linked_into_themselves(
    prepare, ucf101, tmp_path, capsys
):
    videos, splits = ucf101
    root = tmp_path / 'data' / 'ucf101'
    root.parent.mkdir()
    videos.rename(root)
    assert prepare('ucf101', '--videos', root, '--splits', splits) == 0
    assert not (root / 'videos').exists()
    assert f'to {root}, which lies above it' in capsys.readouterr().out


def test_foreign_list_is_looked_up(prepare, ucf101, tmp_path, capsys):
    videos, splits = ucf101
    path = tmp_path / 'val1.txt'
    path.write_text(f'{MAKEUP.format(1)}.avi 0\n{YOYO.format(9)}.avi 100\n')
    arguments = ('--videos', videos, '--splits', splits)
    prepare('ucf101', *arguments, '--list', path, 'ucf101:camel')
    assert 'val1: 1 of 2 videos' in capsys.readouterr().out
    written = tmp_path / 'data' / 'ucf101' / 'val1_videos.txt'
    assert written.read_text() == f'{MAKEUP.format(1)}.mp4 0\n'


def test_draws_need_videos_of_every_class(prepare, ucf101, capsys):
    videos, splits = ucf101
    arguments = ('--videos', videos, '--splits', splits)
    assert prepare('ucf101', *arguments, '--few-shot', 2) == 2
    assert '99 classes have fewer than 2' in capsys.readouterr().err


def test_draws_and_halves(prepare, tmp_path, capsys):
    splits, videos = tmp_path / 'splits', tmp_path / 'videos'
    splits.mkdir()
    videos.mkdir()
    for name in read_classnames('hmdb51:snake'):
        files = [f'a_{name}_u_nm_np1_ba_goo_{i}.avi' for i in range(5)]
        lines = [f'{file} {1 + (i == 4)} \n' for i, file in enumerate(files)]
        (splits / f'{name}_test_split1.txt').write_text(''.join(lines))
        for file in files:
            (videos / file).touch()
    arguments = ('--videos', videos, '--splits', splits, '--verify', 0)
    options = ('--few-shot', 1, 2, '--seeds', 1, 2, '--halves')
    assert prepare('hmdb51', *arguments, *options) == 0
    lists = {
        (shots, seed): read(
            tmp_path,
            f'hmdb51_train_split_1_{shots}shot_seed{seed}',
            'hmdb51',
        )
        for shots in (1, 2)
        for seed in (1, 2)
    }
    assert {key: len(value) for key, value in lists.items()} == {
        (1, 1): 51,
        (1, 2): 51,
        (2, 1): 102,
        (2, 2): 102,
    }
    assert lists[2, 1] != lists[2, 2]
    folder = tmp_path / 'data' / 'hmdb51'
    for half in ('base', 'novel'):
        names = read_classnames(folder / f'hmdb51_{half}_classes.txt')
        assert names == read_classnames(f'hmdb51_{half}')
