"""Each malformed command line ends with one clear line."""

import re

import pytest
from mmaction.visualization import ActionVisualizer
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope
from mmengine.visualization import Visualizer

from faults.command_lines import command_lines, write_folder
from helpers.exit_codes import exit_code

LINES = [words for words, _ in command_lines('FOLDER')]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp('lines')
    write_folder(path)
    return path


@pytest.mark.parametrize(
    'index', range(len(LINES)), ids=lambda i: ' '.join(LINES[i])[:99]
)
def test_malformed_command_line(folder, index, load_tool, capsys):
    (script, *words), message = list(command_lines(folder))[index]
    code = exit_code(load_tool(script).main, words)
    for shared in (MMLogger, Visualizer, ActionVisualizer, DefaultScope):
        shared._instance_dict.clear()  # by the runs of one second
    *_, last = capsys.readouterr().err.splitlines()
    assert 'error: ' in last and re.search(message, last), last
    assert code == 2
