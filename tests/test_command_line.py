"""Errors of tools are one line, and a fault of the program can be told."""

import subprocess
import sys
from collections import OrderedDict

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.logging import MMLogger
from mmengine.registry import Registry

from helpers.exit_codes import exit_code
from mmovar.command_line import ArgumentParser, run
from mmovar.error_lines import error_line
from mmovar.vocabulary import read_classnames


def line_of(function, *args, **kwargs):
    with pytest.raises(Exception) as caught:
        function(*args, **kwargs)
    return error_line(caught.value)


def test_what_mmovar_refuses_is_its_message():
    line, expected = line_of(read_classnames, 'nowhere.txt')
    assert line.startswith('file of class names not found: nowhere.txt')
    assert expected and '\n' not in line


def test_what_a_library_refuses_has_the_type():
    def refuse():
        torch.optim.SGD([torch.ones(1)], lr=-1)

    assert line_of(refuse) == ('ValueError: Invalid learning rate: -1', True)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    line, expected = line_of(open, tmp_path)
    assert line == f'{tmp_path}: Is a directory' and expected


def test_an_operation_that_fails_is_a_fault_of_the_program():
    def fault():
        return {}['key']

    line, expected = line_of(fault)
    assert not expected
    place = f'{__file__}:{fault.__code__.co_firstlineno + 1}'
    assert line == f'unexpected KeyError at {place}: key'


def test_types_and_arguments_of_a_config_are_explained():
    line, expected = line_of(MODELS.build, dict(type='CLIPRecogniser'))
    assert expected and line.startswith(
        "there is no model of type 'CLIPRecogniser'; did you mean "
        "'CLIPRecognizer'"
    )
    head = dict(type='TextHead', template='bare', embed_dim=4)
    line, expected = line_of(MODELS.build, head)
    assert expected
    assert line.startswith(
        "TextHead has no argument 'template'; did you mean 'templates'"
    )
    assert ', tokenizer,' in line


def test_what_was_built_when_an_operation_failed_is_named():
    registry = Registry('thing')

    @registry.register_module()
    class Halves:
        def __init__(self, size):
            self.half = size / 2 if size else size.half

    line, expected = line_of(registry.build, dict(type='Halves', size='a'))
    assert expected  # a library cannot use an argument
    assert line.endswith("'int', while Halves was built with size='a'")
    line, expected = line_of(registry.build, dict(type='Halves', size=0))
    assert not expected and 'while Halves was built with size=0' in line


def test_what_older_registries_wrap_around_an_error_is_undone():
    def build():
        try:
            read_classnames('nowhere.txt')
        except FileNotFoundError as error:
            raise type(error)(f'class `A` in a/b.py: {error}')  # noqa: B904

    assert line_of(build)[0].startswith('file of class names not found')


class Broken(torch.utils.data.Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise ValueError('video a.mp4 has\nno label')


def test_error_of_a_data_worker_is_not_its_traceback():
    loader = torch.utils.data.DataLoader(Broken(), num_workers=1)
    line, expected = line_of(lambda: next(iter(loader)))
    assert expected
    assert line == 'ValueError in a data worker: video a.mp4 has no label'


@pytest.fixture(autouse=True)
def no_other_logs(monkeypatch):
    """Hide the loggers that other tests leave behind."""
    monkeypatch.setattr(MMLogger, '_instance_dict', OrderedDict())


@pytest.fixture
def log(tmp_path):
    path = tmp_path / 'run.log'
    logger = MMLogger.get_instance('test_command_line', log_file=str(path))
    yield path
    for handler in logger.handlers:
        handler.close()


def test_the_log_of_a_run_always_gets_the_traceback(log, capsys):
    def main(argv):
        raise ValueError('too\nlate')

    assert exit_code(main, []) == 2
    error = capsys.readouterr().err
    assert error == f'error: ValueError: too late (traceback: {log})\n'
    assert 'Traceback (most recent call last)' in log.read_text()


SCRIPT = """
import sys
from mmovar.command_line import ArgumentParser, run

def main():
    parser = ArgumentParser()
    parser.add_argument('what', choices=['user', 'bug', 'int', 'lines', 'ok'])
    what = parser.parse_args().what
    if what == 'user':
        raise FileNotFoundError('there is no x')
    if what == 'bug':
        return {}['x']
    if what == 'int':
        raise KeyboardInterrupt
    if what == 'lines':
        for i in range(100000):
            print(i)

run(main)
"""


@pytest.mark.parametrize(
    ('arguments', 'code', 'begin'),
    [
        (['ok'], 0, ''),
        (['user'], 2, 'error: there is no x\n'),
        (['bug'], 70, 'error: unexpected KeyError at '),
        (['bug', '--debug'], 70, 'Traceback'),
        (['int'], 130, ''),
        (['what'], 2, 'usage: '),
    ],
)
def test_exit_codes(tmp_path, arguments, code, begin):
    script = tmp_path / 'script.py'
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True
    )
    assert done.returncode == code
    assert done.stderr.startswith(begin) and bool(done.stderr) == bool(begin)


def test_a_closed_pipe_is_quiet(tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(SCRIPT)
    command = f'set -o pipefail; {sys.executable} {script} lines | head -1'
    done = subprocess.run(
        ['bash', '-c', command], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (141, '0\n', '')


def test_every_rank_says_who_it_is(monkeypatch, capsys):
    monkeypatch.setenv('RANK', '1')

    def main(argv):
        return {}['x']

    assert exit_code(main, []) == 70
    error = capsys.readouterr().err
    assert error.startswith('Traceback')  # it has no log
    assert error.splitlines()[-1].startswith('error: rank 1: unexpected')


def test_debug_is_an_option_of_every_parser():
    parser = ArgumentParser()
    commands = parser.add_subparsers()
    commands.add_parser('one')
    assert parser.parse_args(['--debug']).debug
    assert parser.parse_args(['one', '--debug']).debug


def test_text_of_an_exit_is_an_error(capsys):
    def main():
        raise SystemExit('no record')

    with pytest.raises(SystemExit, match='2'):
        run(main)
    assert capsys.readouterr().err == 'error: no record\n'


def test_text_that_a_tool_returns_is_no_error(capsys):
    assert exit_code(lambda arguments: 'a table', []) == 0
    assert capsys.readouterr().err == ''
