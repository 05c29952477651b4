import logging
from types import SimpleNamespace

import pytest
from mmaction.registry import HOOKS
from torch import nn

import mmovar  # noqa: F401
from helpers.toy import Toy


def rows_of(model, caplog, **kwargs):
    """Run the hook; return the table as name to (tuned, all)."""
    hook = HOOKS.build(dict(type='ParameterCountHook', **kwargs))
    logger = logging.getLogger('parameter count')
    with caplog.at_level(logging.INFO, logger.name):
        hook.before_train(SimpleNamespace(model=model, logger=logger))
    (record,) = caplog.records
    title, head, *rows = record.getMessage().splitlines()
    assert (title, head.split()) == ('parameters', ['part', 'tuned', 'all'])
    cells = [row.replace(',', '').split() for row in rows]
    return {part: (int(tuned), int(all_)) for part, tuned, all_ in cells}


def test_parts_and_their_sum(caplog):
    model = Toy()
    model.net[0].weight.requires_grad_(False)
    assert rows_of(model, caplog) == {
        'net.0': (4, 16),
        'net.2': (10, 10),
        'sum': (14, 26),
    }


def test_depth_tells_what_a_part_is(caplog):
    rows = rows_of(Toy(), caplog, depth=1)
    assert rows == {'net': (26, 26), 'sum': (26, 26)}
    with pytest.raises(ValueError, match='depth must be 1 or more, got 0'):
        HOOKS.build(dict(type='ParameterCountHook', depth=0))


def test_shared_parameters_count_once(caplog):
    model = Toy()
    model.again = model.net
    model.scale = nn.Parameter(model.net[0].bias.new_zeros(1200))
    assert rows_of(model, caplog)['sum'] == (1226, 1226)
