import pytest
import torch

from mmovar.engine.weights.averaging import average_state_dicts


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
