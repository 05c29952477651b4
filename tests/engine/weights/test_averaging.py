import pytest
import torch
from mmengine.model import StochasticWeightAverage

from helpers.toy import Toy, weights
from mmovar.engine.weights.averaging import KINDS, average_state_dicts


def drawn(count, **extra):
    return [
        dict(
            weight=torch.randn(3, generator=torch.manual_seed(i)),
            steps=torch.tensor(i),
            **extra,
        )
        for i in range(count)
    ]


def test_uniform_average_is_the_mean_and_counters_come_from_the_last():
    saved = drawn(5)
    average = average_state_dicts(iter(saved), 'uniform')
    expected = torch.stack([s['weight'] for s in saved]).mean(0)
    torch.testing.assert_close(average['weight'], expected)
    assert list(average) == ['weight', 'steps']
    assert average['steps'] == 4


def test_the_given_weights_are_left_alone():
    saved = drawn(3)
    average_state_dicts(saved, 'gaussian', times=[0.3, 0.6, 0.9])
    for before, after in zip(drawn(3), saved, strict=True):
        assert torch.equal(before['weight'], after['weight'])


@pytest.mark.parametrize(
    ('saved', 'kind', 'settings', 'message'),
    [
        ([], 'uniform', {}, 'no weights to average'),
        (drawn(1), 'swa', {}, "'swa' is none of .'uniform', 'gaussian'"),
        (drawn(1), 'gaussian', dict(mu=15), 'mu is a fraction .* got 15'),
        (
            [*drawn(1), *drawn(1, more=torch.zeros(1))],
            'uniform',
            {},
            "weights 1 have other keys or shapes than the first: .'more'",
        ),
    ],
)
def test_wrong_use_is_refused(saved, kind, settings, message):
    with pytest.raises(ValueError, match=message):
        average_state_dicts(saved, kind, **settings)


@pytest.mark.parametrize('kind', ['uniform', 'gaussian'])
def test_an_update_of_all_weights_is_that_of_each_bit_by_bit(kind):
    options = dict(times=[0.2, 0.4, 0.7, 0.9]) if kind == 'gaussian' else {}
    average = KINDS[kind](Toy(), **options)
    host = StochasticWeightAverage(Toy())
    if kind == 'gaussian':
        host.avg_func = lambda own, new, steps: own.lerp_(
            new, average.share(int(steps))
        )
    for seed in range(4):
        average.update_parameters(Toy(seed))
        host.update_parameters(Toy(seed))
        assert torch.equal(weights(average.module), weights(host.module))
    assert average.steps == host.steps == 4
