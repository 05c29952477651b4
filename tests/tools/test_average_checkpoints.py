import uuid

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmovar.engine.saved_weights import saved_weights

HOOKS = [
    dict(type='SWAHook', begin=1),
    dict(type='GWAHook', mu=3, sigma=1.5, active=False),
    dict(type='GWAHook', mu=2, begin=2, interval=2, name='2', active=False),
    dict(
        type='EpochAverageEMA',
        average='mmengine.ExponentialMovingAverage',
        momentum=0.3,
        name='ema',
        active=False,
    ),
]


@pytest.fixture
def trained(toy_config, tmp_path):
    """Folder of four epochs of a run with four averages."""
    from mmaction.registry import HOOKS as REGISTRY

    from mmovar.engine.hooks.epoch_average_hook import EpochAverageHook

    config = Config.fromfile(toy_config)
    config.train_cfg.max_epochs = 4
    config.work_dir = str(tmp_path / 'run')
    config.custom_hooks = [dict(h) for h in HOOKS]
    config.experiment_name = uuid.uuid4().hex
    name = 'EpochAverageEMA'
    REGISTRY.register_module(name, module=EpochAverageHook, force=True)
    Runner.from_cfg(config).train()
    return tmp_path / 'run'


def load(path):
    return torch.load(path, weights_only=False)


@pytest.mark.parametrize(
    ('epochs', 'options', 'name'),
    [
        ([4, 2, 3, 1], ['--kind', 'uniform', '--raw'], 'swa'),
        ([1, 2, 3, 4], ['--kind=gaussian', '--mu=3', '--sigma=1.5'], 'gwa'),
        ([2, 4], ['--kind', 'gaussian', '--mu', '2', '--sigma', '10'], '2'),
        ([1, 2, 3, 4], ['--kind', 'ema', '--momentum', '0.3'], 'ema'),
    ],
)
def test_averages_equal_those_of_the_hooks_bit_by_bit(
    load_tool, trained, epochs, options, name
):
    paths = [str(trained / f'epoch_{epoch}.pth') for epoch in epochs]
    out = trained / 'deep' / 'average.pth'
    load_tool('average_checkpoints').main(
        [*paths, *options, '--out', str(out)]
    )
    average = load(out)
    expected = saved_weights(load(trained / 'epoch_4.pth'), name)
    assert average['state_dict'].keys() == expected.keys()
    for key, value in expected.items():
        assert torch.equal(average['state_dict'][key], value)
    assert average['meta']['average']['epochs'] == sorted(epochs)
    assert average['meta']['dataset_meta']['classes'] == ('a', 'b')


def test_averages_of_averages_only_on_request(load_tool, trained):
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
        (['--kind', 'gaussian', '--mu', '3'], 'gaussian needs --sigma'),
        (['--momentum', '.1'], 'uniform does not take --momentum'),
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
    paths = []
    for index, epoch in enumerate([1, 2, 4, 4]):
        paths.append(str(tmp_path / f'{index}.pth'))
        state_dict = dict(weight=torch.zeros(1))
        meta = dict(epoch=epoch)
        torch.save(dict(meta=meta, state_dict=state_dict), paths[-1])
    gaussian = ['--kind', 'gaussian', '--mu', '3', '--sigma', '1']
    out = ['--out', 'average.pth']
    with pytest.raises(ValueError, match=r'evenly spaced.*\[1, 2, 4\]'):
        main([*paths[:3], *gaussian, *out])
    with pytest.raises(ValueError, match='3.pth is of epoch 4'):
        main([*paths, *out])
    with pytest.raises(FileNotFoundError, match='no.pth'):
        main(['no.pth', *out])
