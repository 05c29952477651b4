import math
import uuid

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

SWA = dict(type='SWAHook', begin=1)
GWA = dict(type='GWAHook')
GAUSSIAN = ['--kind', 'gaussian']
NARROW = dict(type='GWAHook', mu=0.75, sigma=0.25)


@pytest.fixture
def train(toy_config, tmp_path):
    """Train four epochs; return their folder."""

    def train(hook=SWA):
        config = Config.fromfile(toy_config)
        config.train_cfg.max_epochs = 4
        config.work_dir = str(tmp_path / 'run')
        config.custom_hooks = [hook]
        config.experiment_name = uuid.uuid4().hex
        Runner.from_cfg(config).train()
        return tmp_path / 'run'

    return train


def load(path):
    return torch.load(path, weights_only=False)


@pytest.mark.parametrize(
    ('hook', 'epochs', 'options'),
    [
        (SWA, [4, 2, 3, 1], ['--kind', 'uniform', '--raw']),
        (GWA, [1, 2, 3, 4], GAUSSIAN),
        (NARROW, [1, 2, 3, 4], [*GAUSSIAN, '--mu=.75', '--sigma=.25']),
        (GWA, [1, 2, 3], [*GAUSSIAN, '--max-epochs=4']),
    ],
)
def test_averages_equal_those_of_the_hooks_bit_by_bit(
    load_tool, train, hook, epochs, options
):
    trained = train(hook)
    paths = [str(trained / f'epoch_{epoch}.pth') for epoch in epochs]
    out = trained / 'deep' / 'average.pth'
    load_tool('average_checkpoints').main(
        [*paths, *options, '--out', str(out)]
    )
    average = load(out)
    expected = load(trained / f'epoch_{max(epochs)}.pth')['state_dict']
    assert average['state_dict'].keys() == expected.keys()
    for key, value in expected.items():
        assert torch.equal(average['state_dict'][key], value)
    assert average['meta']['average']['epochs'] == sorted(epochs)
    assert average['meta']['dataset_meta']['classes'] == ('a', 'b')


def write_epochs(folder, weights):
    """Write checkpoints of one weight; epoch to weight."""
    paths = []
    for index, (epoch, weight) in enumerate(weights):
        paths.append(str(folder / f'{index}.pth'))
        state_dict = dict(weight=torch.tensor(float(weight)))
        checkpoint = dict(meta=dict(epoch=epoch), state_dict=state_dict)
        torch.save(checkpoint, paths[-1])
    return paths


def test_gaussian_weighs_any_epochs_by_their_number(load_tool, tmp_path):
    paths = write_epochs(tmp_path, [(2, 1), (4, 5), (9, 3)])
    out = tmp_path / 'average.pth'
    load_tool('average_checkpoints').main(
        [
            *(*paths, '--kind', 'gaussian', '--max-epochs', '10'),
            *('--mu', '0.4', '--sigma', '0.2', '--out', str(out)),
        ]
    )
    shares = [math.exp(-((epoch - 4) ** 2) / 8) for epoch in (2, 4, 9)]
    total = shares[0] * 1 + shares[1] * 5 + shares[2] * 3
    average = load(out)['state_dict']['weight'].item()
    assert average == pytest.approx(total / sum(shares))
    settings = load(out)['meta']['average']
    assert settings['times'] == [0.2, 0.4, 0.9]
    assert (settings['mu'], settings['sigma']) == (0.4, 0.2)


def test_averages_of_averages_only_on_request(load_tool, train):
    trained = train()
    paths = [str(trained / f'epoch_{epoch}.pth') for epoch in (3, 4)]
    out = trained / 'average.pth'
    load_tool('average_checkpoints').main(
        [*paths, '--no-raw', '--out', str(out)]
    )
    first, second = (load(path)['state_dict']['weight'] for path in paths)
    assert load(out)['state_dict']['weight'] == first + (second - first) / 2


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--max-epochs', '9'], 'uniform does not take --max-epochs'),
        (['--mu', '.1'], 'uniform does not take --mu'),
    ],
)
def test_settings_must_fit_the_kind(load_tool, capsys, options, message):
    with pytest.raises(SystemExit):
        load_tool('average_checkpoints').main(
            ['epoch_1.pth', *options, '--out', 'average.pth']
        )
    assert message in capsys.readouterr().err


def test_wrong_checkpoints_are_refused(load_tool, tmp_path):
    main = load_tool('average_checkpoints').main
    paths = write_epochs(tmp_path, [(1, 0), (2, 0), (4, 0), (4, 0)])
    out = ['--out', 'average.pth']
    with pytest.raises(ValueError, match=r'3 ends before epochs=\[1, 2, 4\]'):
        main([*paths[:3], *GAUSSIAN, '--max-epochs', '3', *out])
    with pytest.raises(ValueError, match='mu is a fraction .* got 15'):
        main([*paths[:3], *GAUSSIAN, '--mu', '15', *out])
    with pytest.raises(ValueError, match='3.pth is of epoch 4'):
        main([*paths, *out])
    with pytest.raises(FileNotFoundError, match='no.pth'):
        main(['no.pth', *out])
