"""Where tools write is checked before they work."""

import os
from argparse import ArgumentTypeError

import pytest

from mmovar.output_path import output_file, output_folder, output_path


@pytest.fixture(autouse=True)
def there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'file').write_text('')


@pytest.mark.parametrize(
    ('check', 'name', 'message'),
    [
        (output_file, 'folder', "'folder' is a folder, name a file"),
        (output_file, '', "'' is a folder"),
        (output_file, '/', "'/' is a folder"),
        (output_file, 'file/x.json', "'file' is a file, not a folder"),
        (output_file, 'file/deep/x.json', "'file' is a file, not a folder"),
        (output_folder, 'file', "'file' is a file, not a folder"),
        (output_folder, 'file/x', "'file' is a file, not a folder"),
        (output_path, 'file/x', "'file' is a file, not a folder"),
        (output_path, 'file/x.csv', "'file' is a file, not a folder"),
    ],
)
def test_what_cannot_be_written_is_named(check, name, message):
    with pytest.raises(ArgumentTypeError, match=message):
        check(name)


def test_a_folder_that_may_not_be_written_is_named(monkeypatch):
    monkeypatch.setattr(os, 'access', lambda path, mode: False)
    with pytest.raises(ArgumentTypeError, match="written to 'folder'"):
        output_file('folder/deep/x.json')


def test_what_can_be_made_is_taken_and_not_made(tmp_path):
    for check, name in (
        (output_file, 'new/deep/x.json'),
        (output_file, 'file'),
        (output_folder, 'folder'),
        (output_folder, 'new/folder'),
        (output_path, 'folder'),
        (output_path, 'folder/x.csv'),
    ):
        assert str(check(name)) == name
    assert sorted(os.listdir(tmp_path)) == ['file', 'folder']


@pytest.mark.parametrize(
    ('tool', 'words'),
    [
        ('test', ['c.py', '--out']),
        ('test', ['c.py', '--dump']),
        ('report', ['records', '--out']),
        ('average_checkpoints', ['a.pth', 'b.pth', '--out']),
        ('patch_weights', ['c.py', 'a.pth', '--alpha', '0.5', '--out']),
        ('convert_weights', ['a.pth']),
        ('export', ['--config', 'c.py', '--labels', 'a', '--']),
        ('demo', ['a.mp4', '--config', 'c.py', '--labels', 'a', '--out']),
        ('data/make_scuba', ['--classnames', 'x', '--out']),
        ('data/make_hat', ['--classnames', 'x', '--out']),
        ('visualize', ['attention', '--out']),
    ],
)
def test_every_tool_asks_before_it_works(load_tool, capsys, tool, words):
    wrong = 'file/x' if 'make' in tool or tool == 'visualize' else 'file/x.pkl'
    with pytest.raises(SystemExit) as error:
        load_tool(tool).parse_args([*words, wrong])
    assert error.value.code == 2
    assert "'file' is a file, not a folder" in capsys.readouterr().err
