import re

import pytest

from helpers.exit_codes import exit_code


@pytest.fixture
def tool(load_tool):
    return load_tool('data/audit_labels')


@pytest.fixture
def names(tmp_path):
    path = tmp_path / 'names.csv'
    path.write_text('id,name\n0,diving\n1,kick ball\n2,kick\n')
    return str(path)


def write(tmp_path, content):
    path = tmp_path / 'list.txt'
    path.write_text(content)
    return str(path)


def test_agreement_is_exit_code_0(tool, tmp_path, names, capsys):
    path = write(tmp_path, 'diving/a.avi 0\nkick/b.avi 2\n')
    assert tool.main([path, names]) == 0
    assert '0 of 2 labels disagree' in capsys.readouterr().out


def test_disagreement_is_exit_code_1_and_reported(
    tool, tmp_path, names, capsys
):
    path = write(tmp_path, 'diving/a.avi 0\nkick/b.avi 1\nkick_ball/c.avi 2\n')
    assert tool.main([path, names]) == 1
    out = capsys.readouterr().out
    assert "label 1 is 'kick ball', 1 videos are 'kick':\n  line 2" in out
    assert '2 of 3 labels disagree' in out
    assert 'Swapped classes: 1 and 2.' in out


def test_paths_to_show(tool, tmp_path, names, capsys):
    path = write(tmp_path, ''.join(f'kick/{i}.avi 0\n' for i in range(5)))
    tool.main([path, names, '--show', '2'])
    assert 'and 3 more' in capsys.readouterr().out
    tool.main([path, names, '--show', '-1'])
    assert 'kick/4.avi' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('val/a.avi 0\n', 'none of the 1 paths names a class.*--reference'),
        ('a.avi x\n', 'line 1: the label must be an integer'),
    ],
)
def test_nothing_to_compare_is_exit_code_2(
    tool, tmp_path, names, capsys, content, message
):
    assert exit_code(tool.main, [write(tmp_path, content), names]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_missing_files_are_named(tool, names, capsys):
    assert exit_code(tool.main, ['nowhere.txt', names]) == 2
    assert 'nowhere.txt' in capsys.readouterr().err
