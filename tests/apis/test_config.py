"""Reading configs."""

import pytest
from mmaction.registry import VISBACKENDS
from mmengine.config import Config

from mmovar.apis import add_trackers, load_config, set_work_dir
from mmovar.apis.config import TRACKERS
from mmovar.engine import fill_options


@pytest.fixture
def shots_config(tmp_path):
    path = tmp_path / 'shots.py'
    path.write_text("shots = 16\nlisted = 'train_{shots}.txt'\n")
    return path


def test_options_are_merged_and_filled_in_later(shots_config):
    config = load_config(shots_config, {'shots': 4, 'load_from': 'a'})
    assert (config.shots, config.load_from) == (4, 'a')
    assert config.listed == 'train_{shots}.txt'
    assert fill_options(config.listed, config) == 'train_4.txt'


def test_option_of_a_run_that_a_file_does_not_know_is_refused(shots_config):
    with pytest.raises(ValueError, match=r"\['draw'\].*\['shots'\]"):
        load_config(shots_config, {'draw': 2})


def test_work_dir_tells_the_options_of_the_run():
    config = Config(dict(dataset='ucf101', shots=4, draw=2, names=None))
    set_work_dir(config, None, 'configs/tc_clip/fs.py')
    assert config.work_dir == './work_dirs/tc_clip/fs_ucf101_shots4_draw2'
    config = Config(dict(dataset='/my/videos/', names='llm'))
    set_work_dir(config, None, 'configs/tc_clip/fs.py')
    assert config.work_dir == './work_dirs/tc_clip/fs_videos_llm'


def test_options_reach_into_parts(toy_config):
    config = load_config(toy_config, {'test_cfg.sets.second.size': 9})
    assert [s.get('size') for s in config.test_cfg.sets.values()] == [None, 9]


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


@pytest.mark.parametrize('root', ["it's mine/data", 'a "b" c'])
def test_any_folder_may_hold_the_data(monkeypatch, repo, root):
    monkeypatch.setenv('MMOVAR_DATA', root)
    config = load_config(
        repo / 'configs' / 'mini' / 'clip.py', {'data_root': root}
    )
    assert config.model.weights == f'{root}/mini/clip/seed0.pt'
    assert config.data_root == root
