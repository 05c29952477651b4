"""Options of a run in any part of a config."""

import pytest
from mmengine.config import Config

from mmovar.engine import fill_options


def test_options_keep_their_type_and_compose_strings():
    config = Config(dict(dataset='ssv2', shots=4, names=None, draw=None))
    part = dict(
        source='{dataset}_fs',
        shots='{shots}',
        names='{names}',
        deep=[('{dataset}/{shots}', 3)],
        template='a photo of a {}',
    )
    assert fill_options(part, config) == dict(
        source='ssv2_fs',
        shots=4,
        names=None,
        deep=[('ssv2/4', 3)],
        template='a photo of a {}',
    )
    assert part['shots'] == '{shots}'


def test_option_without_a_use_is_refused_anywhere_in_the_config():
    config = Config(dict(draw=2, shots=4, train=dict(shots='{shots}')))
    with pytest.raises(ValueError, match=r"no use for \['draw'\].*'shots'"):
        fill_options(config.train, config)
    config.test = ['{draw}']
    assert fill_options(config.train, config) == dict(shots=4)


def test_option_that_the_config_lacks_is_named():
    with pytest.raises(ValueError, match=r"uses \['shots'\], which it lacks"):
        fill_options('{shots}', Config(dict()))


def test_configs_that_use_no_options_are_left_alone():
    config = Config(dict(data_root='data/mine', dataset='x'))
    part = dict(data_root='data/mine')
    assert fill_options(part, config) == part
