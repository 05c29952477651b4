"""The ablation table of the mini benchmark, with a stand-in for the runs."""

from pathlib import Path

import pytest


@pytest.fixture
def tool(load_tool, repo, monkeypatch):
    monkeypatch.syspath_prepend(str(repo / 'tools'))
    return load_tool('mini_ablations')


@pytest.fixture
def commands(tool, pretend_runs):
    return pretend_runs(tool.mini_rows)


def test_each_row_is_trained_once_and_tested_three_ways(
    tool, commands, capsys
):
    tool.main(['--rows', 'plain', 'gwa', '--seeds', '0', '1', '--jobs', '2'])
    scripts = [Path(command[1]).name for command in commands]
    assert scripts.count('train.py') == 4
    assert scripts.count('patch_weights.py') == 4
    assert scripts.count('test.py') == 12
    out = capsys.readouterr().out
    assert '| plain | none | 50.0 ± 0.0 |' in out
    assert '| GWA | logits | 75.0 ± 0.0 |' in out


def test_what_has_a_record_is_not_run_again(tool, commands):
    tool.main(['--rows', 'iwr', '--seeds', '0'])
    commands.clear()
    tool.main(['--rows', 'iwr', '--seeds', '0'])
    assert [Path(c[1]).name for c in commands] == ['prepare_mini.py']


def test_missing_seed_is_shown_as_missing(tool, commands, capsys):
    tool.main(['--rows', 'meta', '--seeds', '0'])
    capsys.readouterr()
    tool.main(['--rows', 'meta', '--seeds', '0', '1', '--table-only'])
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.startswith('| cross-batch meta | logits | missing |')


def test_readme_block_is_replaced(tool, commands, tmp_path):
    marks = [f'<!-- mini-ablations:{end} -->' for end in ('start', 'end')]
    readme = tmp_path / 'README.md'
    readme.write_text('\nold\n'.join(marks))
    tool.main(['--rows', 'rfd', '--seeds', '0', '--readme', 'README.md'])
    assert '| feature distillation | weights | 50.0 |' in readme.read_text()
    assert 'old' not in readme.read_text()


def test_every_row_has_a_config(tool, repo):
    folder = repo / 'configs' / 'mini'
    for row in tool.ROWS:
        assert (folder / f'{tool.config_of(row)}.py').is_file()
