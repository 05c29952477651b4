"""The table of several result files."""

import json

import pytest

ROWS = {
    'CLIP': {'a/acc/top1': 0.5, 'b/acc/top1': 0.25, 'a/acc/top5': 1.0},
    'ours': {'b/acc/top1': 1.0},
}


@pytest.fixture
def results(tmp_path):
    files = []
    for name, metrics in ROWS.items():
        path = tmp_path / f'{name}.json'
        path.write_text(json.dumps(metrics))
        files.append(f'{name}={path}')
    return files


def test_table_shows_percent_and_a_dash_for_what_is_missing(
    load_tool, results, capsys
):
    load_tool('results_table').main(results)
    assert capsys.readouterr().out == (
        '|      |    a |     b |\n'
        '| ---- | ---: | ----: |\n'
        '| CLIP | 50.0 |  25.0 |\n'
        '| ours |    - | 100.0 |\n'
    )


def test_sets_and_metric_can_be_chosen(load_tool, results, capsys):
    load_tool('results_table').main(
        [results[0], '--metric', 'acc/top5', '--sets', 'a']
    )
    assert '| CLIP | 100.0 |' in capsys.readouterr().out


def test_wrong_argument_is_named(load_tool, capsys):
    with pytest.raises(SystemExit):
        load_tool('results_table').main(['file.json'])
    assert 'NAME=FILE.json' in capsys.readouterr().err
