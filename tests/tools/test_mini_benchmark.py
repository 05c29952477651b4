"""The table of the mini benchmark, from hand-written records."""

import json

import pytest

SETS = ('known_ic', 'known_ooc', 'novel_ic', 'novel_ooc')
SHUFFLED = ('known_ic_shuffled', 'novel_ic_shuffled')

START, END = '<!-- mini-table:start -->', '<!-- mini-table:end -->'


@pytest.fixture
def tool(load_tool):
    return load_tool('mini_benchmark')


@pytest.fixture
def write_record(tmp_path):
    def write(method, seed, **top1):
        metrics = {}
        for name in (*SETS, *SHUFFLED):
            for word in ('top1', 'object', 'motion'):
                metrics[f'{name}/acc/{word}'] = top1.get(name, 0.5)
        file = tmp_path / 'runs' / method / f'seed{seed}' / 'record.json'
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(dict(seed=seed, metrics=metrics)))

    return write


def call(tool, *arguments):
    tool.main(
        ['--table-only', '--work-dir', 'runs', '--methods', 'clip', 'vclip']
        + [*arguments]
    )


def test_table_has_mean_and_sample_deviation(tool, write_record, capsys):
    for seed, value in enumerate((0.4, 0.5, 0.6)):
        write_record('clip', seed, known_ic=value, novel_ic=value)
        write_record('vclip', seed, known_ic=0.9, novel_ic=0.6)
    call(tool)
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith('| CLIP'))
    assert row == (
        '| CLIP, frozen | 50.0 ± 10.0 | 50.0 ± 0.0 | 50.0 ± 10.0 '
        '| 50.0 ± 0.0 | 50.0 ± 10.0 | 49.7 ± 5.1 |'
    )
    row = next(line for line in lines if line.startswith('| VCLIP'))
    assert row.split(' | ')[5] == '72.0 ± 0.0'


def test_missing_run_is_shown_and_not_averaged(tool, write_record, capsys):
    write_record('clip', 0)
    write_record('clip', 1)
    write_record('vclip', 1)
    call(tool, '--seeds', '0', '1')
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if line.startswith('| VCLIP')]
    assert rows[0].split(' | ')[1:3] == ['missing seed 0', 'missing']
    assert not any(char.isdigit() for char in rows[0].replace('seed 0', ''))


def test_differences_are_paired_by_seed(tool, write_record, capsys):
    for seed, value in enumerate((0.4, 0.7)):
        write_record('clip', seed, known_ic=value)
        write_record('vclip', seed, known_ic=0.6)
    call(tool, '--seeds', '0', '1')
    out = capsys.readouterr().out
    assert '| vclip - clip | +20.0 -10.0 | +0.0 +0.0 |' in out
    assert 'vifi_clip' not in out


def test_one_seed_has_no_deviation(tool, write_record, capsys):
    write_record('clip', 0)
    call(tool, '--seeds', '0')
    out = capsys.readouterr().out
    assert '| CLIP, frozen | 50.0 | 50.0 |' in out
    assert '±' not in out


def test_readme_block_is_replaced(tool, write_record, tmp_path):
    for seed in range(3):
        write_record('clip', seed)
    readme = tmp_path / 'README.md'
    readme.write_text(f'before\n{START}\nold\n{END}\nafter\n')
    call(tool, '--readme', 'README.md')
    once = readme.read_text()
    assert 'old' not in once
    assert '| CLIP, frozen | 50.0 ± 0.0 |' in once
    assert once.startswith(f'before\n{START}\n')
    assert once.endswith(f'\n{END}\nafter\n')
    call(tool, '--readme', 'README.md')
    assert readme.read_text() == once


def test_readme_without_marks_is_refused(tool, write_record, tmp_path):
    write_record('clip', 0)
    (tmp_path / 'README.md').write_text('nothing here\n')
    with pytest.raises(ValueError, match='mini-table:start'):
        call(tool, '--readme', 'README.md')


def test_existing_record_is_not_run_again(tool, write_record, monkeypatch):
    write_record('vclip', 0)
    calls = []
    monkeypatch.setattr(
        tool, 'call', lambda command, log: calls.append(command) or 1.0
    )
    tool.main(['--work-dir', 'runs', '--methods', 'vclip', '--seeds', '0'])
    assert len(calls) == 1  # preparing the data, which reuses what is there
