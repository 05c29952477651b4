"""The table of learners on the mini benchmark, with a stand-in for runs."""

from itertools import product
from pathlib import Path

import pytest


@pytest.fixture
def tool(load_tool, repo, monkeypatch):
    monkeypatch.syspath_prepend(str(repo / 'tools'))
    return load_tool('mini_learners')


@pytest.fixture
def commands(tool, pretend_runs):
    return pretend_runs(tool.mini_rows)


def test_each_learner_is_trained_with_each_step_and_tested_once(
    tool, commands, capsys
):
    tool.main(['--learners', 'vclip', 'a5', '--seeds', '0', '1'])
    scripts = [Path(command[1]).name for command in commands]
    assert scripts.count('train.py') == scripts.count('test.py') == 8
    assert 'patch_weights.py' not in scripts
    out = capsys.readouterr().out
    assert '| VCLIP | plain | 50.0 ± 0.0 |' in out
    assert '| A5 ("VPT") | Open-MeDe | 50.0 ± 0.0 |' in out
    assert 'IWR' not in out


def test_both_tasks_of_open_mede_are_on_one_process(tool, commands):
    tool.main(['--learners', 'xclip', '--seeds', '0'])
    for command in commands[1:]:
        config = Path(command[2]).stem
        assert ('train_cfg.num_tasks=2' in command) == (
            config == 'xclip_open_mede'
        )


def test_readme_block_is_replaced_and_what_is_not_run_is_missing(
    tool, commands, tmp_path
):
    marks = [f'<!-- mini-learners:{end} -->' for end in ('start', 'end')]
    readme = tmp_path / 'README.md'
    readme.write_text('\nold\n'.join(marks))
    options = ['--learners', 'st_adapter', '--seeds', '0']
    tool.main([*options, '--readme', 'README.md'])
    tool.main(
        [*options, '--steps', 'plain', 'iwr', '--table-only']
        + ['--readme', 'README.md']
    )
    text = readme.read_text()
    assert '| ST-Adapter | plain | 50.0 |' in text
    assert '| ST-Adapter | IWR | missing |' in text
    assert 'old' not in text


def test_every_row_has_a_config(tool, repo):
    for learner, step in product(tool.LEARNERS, tool.STEPS):
        config = tool.row_of(learner, step).config
        assert (repo / 'configs' / 'mini' / f'{config}.py').is_file()
