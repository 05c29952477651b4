"""Values of --cfg-options, beside what MMEngine makes of them."""

import argparse

import pytest
from mmengine.config import DictAction as StockAction

from mmovar.apis.option_values import DictAction, parse_option, parse_value

AS_MMENGINE = {
    '5': 5,
    '-1': -1,
    '1e-5': 1e-5,
    'true': True,
    'False': False,
    'None': None,
    'inf': float('inf'),
    '/data/x': '/data/x',
    '{}.': '{}.',
    "it's": "it's",
    '1,2,3': [1, 2, 3],
    'a,': ['a'],
    '[]': [],
    '()': (),
    '[1]': [1],
    '(1,2)': (1, 2),
    '[(1, 2), [a, b], c]': [(1, 2), ['a', 'b'], 'c'],
    '[[]]': [[]],
    '[None,True,1.5]': [None, True, 1.5],
    'k400/closed,ucf101/ep2': ['k400/closed', 'ucf101/ep2'],
    'a=b': 'a=b',
    '1)': '1)',
}
OWN = {
    'a {}': 'a {}',
    '[a {}]': ['a {}'],
    '/my data': '/my data',
    'tai chi, archery': ['tai chi', 'archery'],
    '[a photo of a {}, a {}]': ['a photo of a {}', 'a {}'],
    "'5'": '5',
    '"a, b"': 'a, b',
    "['a, b', 'c']": ['a, b', 'c'],
    '[ \'x\' , "y" ]': ['x', 'y'],
    "'a [b'": 'a [b',
    "' a '": ' a ',
    "''": '',
    '(a),(b)': [('a',), ('b',)],
    "{'a': 1, 'b': [1, 2]}": {'a': 1, 'b': [1, 2]},
}
REFUSED = {
    '[1': "']' is missing",
    '(a, b]': "bracket ']' closes nothing",
    '[a,,b]': 'empty element',
    "'a": 'not closed',
    '{a: 1}': 'no dict as Python writes it',
    "{'a':1, 2}": 'no dict as Python writes it',
}


@pytest.mark.parametrize('text', AS_MMENGINE)
def test_what_mmengine_reads_right_is_the_same(text):
    value = parse_value(text)
    assert value == AS_MMENGINE[text] and type(value) is type(
        AS_MMENGINE[text]
    )
    assert StockAction._parse_iterable(text) == value


@pytest.mark.parametrize('text', OWN)
def test_blanks_quotes_and_dicts(text):
    assert parse_value(text) == OWN[text]


@pytest.mark.parametrize('text', REFUSED)
def test_what_is_not_closed_is_refused(text):
    with pytest.raises(ValueError, match=REFUSED[text]):
        parse_value(text)


def test_blanks_around_the_sign():
    assert parse_option('a.b = c d') == ('a.b', 'c d')
    for word in ('=', 'b', '=c', ' =c'):
        with pytest.raises(ValueError, match='is not KEY=VALUE.*blanks'):
            parse_option(word)
    with pytest.raises(ValueError, match='a has no value: write a=None'):
        parse_option('a=')


def test_words_are_collected_and_the_last_counts(capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    words = ['--cfg-options', 'a=b c', 'd=1', '--cfg-options', 'e=2', 'd=1']
    args = parser.parse_args(words)
    assert args.cfg_options == {'a': 'b c', 'd': 1, 'e': 2}
    assert parser.parse_args([]).cfg_options is None
    assert parser.parse_args([*words, 'd=3']).cfg_options['d'] == 3
    with pytest.raises(SystemExit, match='2'):
        parser.parse_args(['--cfg-options', 'a', '=', 'b'])
    assert 'leave none around the =' in capsys.readouterr().err
