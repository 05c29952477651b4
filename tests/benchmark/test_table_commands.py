"""Every row of the papers' tables has a command that loads, or a reason."""

import shlex

import pytest

from mmovar.apis import load_config
from mmovar.apis.option_values import parse_option
from mmovar.benchmark import PAPER_TABLES, table_rows

ROWS = {
    f'{table.name} {row.method}': row
    for table in PAPER_TABLES.values()
    for row in table_rows(table)
}
COMMANDS = dict.fromkeys(c for row in ROWS.values() for c in row.commands)


def test_every_row_has_a_command_or_a_reason():
    for name, row in ROWS.items():
        assert bool(row.commands) != bool(row.reason), name
        for command in row.commands:
            script = shlex.split(command)[1]
            assert script.startswith('tools/'), command


@pytest.fixture
def loaded(load_tool, repo):
    """Return a function that names the configs of a command with options."""
    tool = load_tool('benchmark')

    def pairs(words):
        return tuple(map(parse_option, words))

    def configs(command):
        _, script, *words = shlex.split(command)
        if script != 'tools/benchmark.py':
            start = words.index('--cfg-options') + 1
            yield repo / words[0], pairs(words[start:])
            return
        args = tool.parse_args(words)
        for method in args.method:
            bench = tool.Bench(args, method)
            # runs of one config differ in dataset, shots and draw alone
            jobs = {bench.config(j[0]): j[0] for j in bench.plan()}
            for job in jobs.values():
                yield bench.config(job), pairs(bench.options(job))

    return configs


def test_configs_and_options_of_all_commands_load(loaded):
    found = {
        repr(config): (command, *config)
        for command in COMMANDS
        for config in loaded(command)
    }
    for command, path, options in found.values():
        try:
            assert load_config(path, dict(options)).model
        except Exception as error:
            raise AssertionError(command) from error


def test_page_is_as_the_tool_writes_it(load_tool, repo):
    text = load_tool('report').main(['--tables', 'all', '--out', 'TABLES.md'])
    assert text == (repo / 'configs/TABLES.md').read_text(), (
        'python tools/report.py --tables all --out configs/TABLES.md'
    )


def test_rows_of_a_table_are_printed_with_commands_and_numbers(
    load_tool, capsys
):
    load_tool('report').main(['--tables', 'open-mede/4', 'open-vclip/fig2'])
    text = capsys.readouterr().out
    assert '--method learners/st_adapter_open_mede' in text
    assert 'UCF101 78.9' in text and 'Figure 2' in text
    with pytest.raises(KeyError, match="'open-mede/99' is none of"):
        load_tool('report').main(['--tables', 'open-mede/99'])
