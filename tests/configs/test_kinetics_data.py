"""The data configs read a small data root laid out as the sources say."""

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import mmovar  # noqa: F401
from helpers.clips import write_video
from mmovar.engine import fill_options
from mmovar.engine.loops.test_sets import datasets_of

LISTS = {
    'kinetics400/kinetics400_train_list_videos.txt': 'abseiling/a.mp4 0',
    'kinetics400/kinetics400_val_list_videos.txt': 'zumba/b.mp4 399',
    'ucf101/ucf101_train_split_1_videos.txt': 'YoYo/v_YoYo_g01_c01.avi 100',
    'ucf101/ucf101_val_split_1_videos.txt': 'ApplyEyeMakeup/c.avi 0',
    'hmdb51/hmdb51_train_split_1_videos.txt': 'kick_ball/d(1).avi 21',
    'hmdb51/hmdb51_val_split_1_videos.txt': 'wave/e.avi 50',
}


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp('data')
    for name, line in LISTS.items():
        path = root / name
        part = name.split('_')[1]
        folder = f'videos_{part}' if 'kinetics' in name else 'videos'
        video = path.parent / folder / line.split()[0]
        write_video(video.with_suffix('.mp4'), num_frames=40, size=(40, 30))
        path.write_text(line)
    return root


@pytest.fixture(params=['k400_zs', 'open_mede'])
def config(request, root, repo, monkeypatch):
    monkeypatch.setenv('MMOVAR_DATA', str(root))
    init_default_scope('mmaction')
    path = repo / 'configs' / '_base_' / 'datasets' / f'{request.param}.py'
    return Config.fromfile(path)


def first_batch(config, loader, **changes):
    loader = fill_options(loader, config)
    loader.update(num_workers=0, persistent_workers=False, **changes)
    return next(iter(Runner.build_dataloader(loader, seed=0)))


def test_training_and_validation_read_one_clip(config):
    for loader in (config.train_dataloader, config.val_dataloader):
        batch = first_batch(config, loader, drop_last=False)
        assert batch['inputs'][0].shape == (1, 3, 8, 224, 224)
        assert batch['data_samples'][0].unreadable is None


def test_test_sets_have_three_clips_and_all_videos(config):
    batches = {
        name: first_batch(config, dict(config.test_dataloader, dataset=data))
        for name, data in datasets_of(config).items()
    }
    assert list(batches) == ['ucf101', 'hmdb51']
    for batch in batches.values():
        assert batch['inputs'][0].shape == (3, 3, 8, 224, 224)
        assert len(batch['inputs']) == 2
    labels = [int(s.gt_label) for s in batches['ucf101']['data_samples']]
    assert labels == [100, 0]


def steps_of(config):
    return [
        [step.type for step in loader.dataset.pipeline]
        for loader in (
            config.train_dataloader,
            config.val_dataloader,
            config.test_dataloader,
        )
    ]


def test_open_mede_differs_in_colour_jitter_only(repo):
    folder = repo / 'configs' / '_base_' / 'datasets'
    other, mine = (
        Config.fromfile(folder / f'{name}.py')
        for name in ('k400_zs', 'open_mede')
    )
    before, after = steps_of(other), steps_of(mine)
    assert before[1:] == after[1:]
    assert after[0].count('ClipColorJitter') == 1
    assert [s for s in after[0] if s != 'ClipColorJitter'] == before[0]


def test_uniform_frames_are_an_option(repo):
    folder = repo / 'configs' / 'open_mede'
    dense = steps_of(Config.fromfile(folder / 'k400_zs.py'))
    spread = steps_of(
        Config.fromfile(folder / 'ablations' / 'uniform_frames.py')
    )
    for before, after in zip(dense, spread, strict=True):
        assert before[1] == 'DenseClipSample'
        assert after[1] == 'UniformSample'
        assert before[2:] == after[2:]
