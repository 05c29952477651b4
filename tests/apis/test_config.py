"""Reading configs."""

import os

import pytest
from mmaction.registry import VISBACKENDS
from mmengine.config import Config

from mmovar.apis import add_trackers, enable_amp, load_config, set_work_dir
from mmovar.apis.config import TRACKERS


def test_data_root_takes_effect_before_the_file_is_read(
    toy_config, monkeypatch
):
    monkeypatch.delenv('MMOVAR_DATA', raising=False)
    assert load_config(toy_config).listed == 'data/list.txt'
    config = load_config(toy_config, {'data_root': '/videos'})
    assert (config.data_root, config.listed) == ('/videos', '/videos/list.txt')
    assert 'MMOVAR_DATA' not in os.environ


def test_data_root_comes_from_the_environment_otherwise(
    toy_config, monkeypatch
):
    monkeypatch.setenv('MMOVAR_DATA', '/environment')
    assert load_config(toy_config).listed == '/environment/list.txt'
    config = load_config(toy_config, {'data_root': '/option'})
    assert config.listed == '/option/list.txt'
    assert os.environ['MMOVAR_DATA'] == '/environment'


@pytest.fixture
def shots_config(tmp_path):
    path = tmp_path / 'shots.py'
    path.write_text(
        "shots = int('{{$MMOVAR_SHOTS:16}}')\nlisted = f'train_{shots}.txt'\n"
    )
    return path


def test_shots_take_effect_before_the_file_is_read(shots_config, monkeypatch):
    monkeypatch.delenv('MMOVAR_SHOTS', raising=False)
    assert load_config(shots_config).listed == 'train_16.txt'
    config = load_config(shots_config, {'shots': 4, 'other': 1})
    assert (config.shots, config.listed) == (4, 'train_4.txt')
    assert config.other == 1
    assert 'MMOVAR_SHOTS' not in os.environ


def test_run_variable_that_a_file_does_not_know_is_refused(shots_config):
    with pytest.raises(ValueError, match=r"\['seed'\].*\['shots'\]"):
        load_config(shots_config, {'seed': 2})


def test_environment_is_put_back_when_reading_fails(tmp_path, monkeypatch):
    path = tmp_path / 'broken.py'
    path.write_text('a = 1 / 0')
    monkeypatch.setenv('MMOVAR_SHOTS', '8')
    with pytest.raises(ZeroDivisionError):
        load_config(path, {'shots': 4, 'seed': 1})
    assert os.environ['MMOVAR_SHOTS'] == '8'
    assert 'MMOVAR_SEED' not in os.environ


def test_work_dir_tells_shots_and_seed():
    config = Config(dict(shots=4, seed=2))
    set_work_dir(config, None, 'configs/tc_clip/hmdb51_fs.py')
    assert config.work_dir == './work_dirs/tc_clip/hmdb51_fs_shots4_seed2'


def test_options_reach_into_lists(toy_config):
    config = load_config(toy_config, {'test_dataloader.1.batch_size': 9})
    assert [s.batch_size for s in config.test_dataloader] == [2, 9]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.py'):
        load_config(tmp_path / 'nowhere.py')


def test_work_dir_prefers_argument_then_config_then_file_name():
    config = Config(dict(work_dir='mine'))
    set_work_dir(config, None, 'configs/mini/clip.py')
    assert config.work_dir == 'mine'
    set_work_dir(config, 'given', 'configs/mini/clip.py')
    assert config.work_dir == 'given'
    config = Config(dict())
    set_work_dir(config, None, 'configs/mini/clip.py')
    assert config.work_dir == './work_dirs/mini/clip'


def test_trackers_come_beside_what_the_config_has():
    config = Config(dict())
    add_trackers(config, ['wandb'])
    add_trackers(config, ['tensorboard'])
    assert [b.type for b in config.visualizer.vis_backends] == [
        'LocalVisBackend',
        'WandbVisBackend',
        'TensorboardVisBackend',
    ]
    assert config.visualizer.type == 'ActionVisualizer'
    for name in TRACKERS.values():
        assert VISBACKENDS.get(name) is not None


@pytest.mark.parametrize(
    ('name', 'twin'),
    [
        ('OptimWrapper', 'AmpOptimWrapper'),
        ('CrossBatchMetaOptimWrapper', 'CrossBatchMetaAmpOptimWrapper'),
        ('TotalBatchOptimWrapper', 'TotalBatchAmpOptimWrapper'),
        ('AmpOptimWrapper', 'AmpOptimWrapper'),
    ],
)
def test_amp_replaces_the_wrapper_by_its_twin(name, twin):
    config = Config(dict(optim_wrapper=dict(type=name, delta=0.1)))
    enable_amp(config)
    assert config.optim_wrapper.to_dict() == dict(
        type=twin, delta=0.1, dtype='float16', loss_scale='dynamic'
    )


def test_amp_keeps_the_loss_scale_of_the_config_and_drops_it_for_bfloat16():
    config = Config(dict(optim_wrapper=dict(loss_scale=512.0)))
    enable_amp(config)
    assert config.optim_wrapper.type == 'AmpOptimWrapper'
    assert config.optim_wrapper.loss_scale == 512.0
    enable_amp(config, 'bfloat16')
    assert config.optim_wrapper.loss_scale == dict(enabled=False)


def test_amp_refuses_what_it_does_not_know():
    config = Config(dict(optim_wrapper=dict(type='ApexOptimWrapper')))
    with pytest.raises(ValueError, match='ApexOptimWrapper'):
        enable_amp(config)
    with pytest.raises(ValueError, match='float8'):
        enable_amp(config, 'float8')
