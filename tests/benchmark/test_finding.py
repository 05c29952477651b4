"""Sentences say what the numbers say."""

import pytest

from mmovar.benchmark import build_protocol
from mmovar.benchmark.finding import Change, Finding
from mmovar.benchmark.reduction import Column, Value

IC, OOC = (Column(name, 'top1', Value(name)) for name in ('ic', 'ooc'))


@pytest.fixture
def tuning():
    changes = (
        Change('in context', ('clip', IC), ('vclip', IC)),
        Change('out of context', ('clip', OOC), ('vclip', OOC)),
    )
    return Finding('Tuning', changes, ' today')


@pytest.mark.parametrize(
    'ic, ooc, sentence',
    [
        (
            (50, 62.25),
            (40, 30),
            'Tuning gains 12.2 points in context (50.0 to 62.2) and loses '
            '10.0 points out of context (40.0 to 30.0) today.',
        ),
        (
            (50, 50),
            (10, 40),
            'Tuning gains 0.0 points in context (50.0 to 50.0) and gains '
            '30.0 points out of context (10.0 to 40.0) today.',
        ),
        ((50, 60), (None, 30), None),
        ((50, 60), (40, None), None),
    ],
)
def test_the_sign_words_the_sentence(tuning, ic, ooc, sentence):
    numbers = {
        (method, column): value
        for column, values in (('ic', ic), ('ooc', ooc))
        for method, value in zip(('clip', 'vclip'), values, strict=True)
    }
    found = tuning.sentence(lambda m, column: numbers[m, column.dataset])
    assert found == sentence


def test_the_sentences_of_mini_read_its_columns():
    protocol = build_protocol('mini', 'open_mede', [0, 3])
    for finding in protocol.findings:
        for change in finding.changes:
            for _, column in (change.before, change.after):
                assert column in protocol.columns
