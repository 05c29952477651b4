"""Numbers and views of the configs of TC-CLIP and ViFi-CLIP."""

from pathlib import Path

import pytest
from clips import write_video
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope
from tiny_config import CONFIGS, load_tiny_config

import mmovar  # noqa: F401
from mmovar.apis import build_runner, load_config
from mmovar.engine.schedulers.timm_cosine_lr import cosine_with_warmup
from mmovar.vocabulary import read_classnames

TC, VIFI = CONFIGS / 'tc_clip', CONFIGS / 'vifi_clip'
# learning rate, epochs, warm-up, total batch, frames, views at test
ZERO_SHOT, FEW_SHOT = (8e-6, 10, 5, 256), (2e-6, 50, 5, 64)
RECIPES = {
    TC / 'k400_zs.py': (*ZERO_SHOT, 16, 2),
    TC / 'k400_full.py': (2.2e-5, 30, 5, 512, 16, 12),
    TC / 'k400_b2n.py': (3.33e-6, 12, 2, 64, 16, 2),
    TC / 'ssv2_b2n.py': (3.33e-6, 12, 2, 64, 16, 2),
    TC / 'hmdb51_fs.py': (*FEW_SHOT, 16, 2),
    TC / 'hmdb51_fs_pretrained.py': (*FEW_SHOT, 16, 2),
    TC / 'k400_zs_llm.py': (*ZERO_SHOT, 16, 2),
    VIFI / 'k400_zs.py': (*ZERO_SHOT, 32, 1),
    VIFI / 'k400_full.py': (2.2e-5, 30, 5, 512, 16, 12),
    VIFI / 'k400_full_text_ft.py': (8e-6, 30, 5, 256, 16, 12),
    VIFI / 'ucf101_b2n.py': (2e-6, 11, 5, 64, 32, 1),
    VIFI / 'ssv2_fs.py': (*FEW_SHOT, 32, 1),
    VIFI / 'hmdb51_fs_prompt.py': (8e-3, 50, 5, 64, 32, 1),
    VIFI / 'ucf101_b2n_prompt.py': (4e-2, 11, 5, 64, 32, 1),
}


@pytest.fixture(params=RECIPES, ids=lambda p: f'{p.parent.name}/{p.stem}')
def recipe(request):
    return load_config(request.param), RECIPES[request.param]


def test_schedule_is_that_of_the_release(recipe):
    config, (lr, epochs, warmup, total, _, _) = recipe
    optimizer = config.optim_wrapper.optimizer
    assert (optimizer.lr, config.train_cfg.max_epochs) == (lr, epochs)
    assert optimizer.betas == (0.9, 0.98) and optimizer.weight_decay == 1e-3
    assert config.optim_wrapper.total_batch_size == total
    assert config.train_dataloader.batch_size == 4
    (schedule,) = config.param_scheduler
    assert (schedule.type, schedule.warmup) == ('TimmCosineLR', warmup)
    assert 'end' not in schedule  # MMEngine fills in the epochs


def views(pipeline, tmp_path):
    video = write_video(tmp_path / 'v.mp4', num_frames=64, size=(64, 48))
    init_default_scope('mmaction')
    info = dict(filename=str(video), label=0, start_index=0, modality='RGB')
    return Compose(pipeline)(info)['inputs']


def test_clips_have_the_frames_and_views_of_the_release(recipe, tmp_path):
    config, (*_, frames, num_views) = recipe
    shape = (3, frames, 224, 224)
    train = views(config.train_dataloader.dataset.pipeline, tmp_path)
    assert train.shape == (1, *shape)
    for loader in config.test_dataloader:
        test = views(loader.dataset.pipeline, tmp_path)
        assert test.shape == (num_views, *shape)
    assert config.model.cls_head.average_clips == 'prob'


def test_zero_shot_rates_fall_to_half_at_the_end_of_the_warm_up():
    rates = [cosine_with_warmup(t, 8e-6, 8e-8, 5000, 10000) for t in (5000,)]
    assert rates == [pytest.approx(4.04e-6)]


@pytest.mark.parametrize('method', [TC, VIFI])
@pytest.mark.parametrize('name', ['hmdb51', 'ucf101', 'ssv2'])
def test_shots_choose_the_list_and_the_work_dir(method, name):
    for shots in (2, 16):
        config = load_config(method / f'{name}_fs.py', dict(shots=shots))
        file = Path(config.train_dataloader.dataset.ann_file).name
        assert file == f'train1_few_shot_{shots}.txt'
        assert config.shots == shots


@pytest.mark.parametrize('method', [TC, VIFI])
@pytest.mark.parametrize(
    ('name', 'base', 'novel'),
    [
        ('k400', 200, 200),
        ('hmdb51', 26, 25),
        ('ucf101', 51, 50),
        ('ssv2', 87, 87),
    ],
)
def test_base_to_novel_trains_on_base_names_only(method, name, base, novel):
    config = load_config(method / f'{name}_b2n.py', dict(seed=3))
    train, val = config.train_dataloader.dataset, config.val_dataloader.dataset
    assert Path(train.ann_file).name == 'fs_base_s3_train.txt'
    sets = [loader.dataset for loader in config.test_dataloader]
    names = [read_classnames(s.classnames) for s in (train, val, *sets)]
    assert [len(n) for n in names] == [base, base, base, novel]
    assert names[0] == names[2]
    assert not set(names[2]) & set(names[3])


def test_flip_is_left_out_for_ssv2_in_tc_clip_alone():
    def flips(path):
        steps = load_config(path).train_dataloader.dataset.pipeline
        return 'Flip' in [step.type for step in steps]

    for stem in ('ssv2_fs', 'ssv2_b2n'):
        assert not flips(TC / f'{stem}.py')
        assert flips(VIFI / f'{stem}.py')
    assert flips(TC / 'hmdb51_fs.py')


@pytest.mark.parametrize('name', ['k400_zs', 'k400_full', 'hmdb51_fs'])
def test_random_views_are_an_option_of_the_run(name, tmp_path):
    path, option = TC / f'{name}.py', 'legacy_random_views'
    fixed, drawn = (
        load_config(path, {option: value}).test_dataloader[0].dataset.pipeline
        for value in (False, True)
    )
    assert fixed[1] == dict(drawn[1], test_mode=True)
    assert not drawn[1].test_mode
    assert views(drawn, tmp_path).shape == views(fixed, tmp_path).shape


def test_dataset_of_an_ablation_is_an_option_of_the_run():
    path = TC / 'ablations' / 'context_16.py'
    config = load_config(path, dict(dataset='ssv2', shots=8))
    data = config.train_dataloader.dataset
    assert data.ann_file.endswith('ssv2_splits/train1_few_shot_8.txt')
    assert config.val_dataloader.dataset.classnames == 'ssv2'
    assert 'Flip' not in [step.type for step in data.pipeline]
    assert config.model.backbone.num_context == 16


def test_rephrased_names_replace_those_of_every_set():
    config = load_config(TC / 'k400_zs_llm.py', dict(data_root='root'))
    loaders = [config.train_dataloader, *config.test_dataloader]
    for loader in loaders:
        assert loader.dataset.classnames.startswith('labels/labels_froster/')
    assert len({loader.dataset.classnames for loader in loaders}) == 6


def test_new_modules_learn_ten_times_as_fast_and_all_decays(tmp_path):
    config = load_tiny_config(TC / 'hmdb51_fs.py', tmp_path)
    runner = build_runner(config)
    wrapper = runner.build_optim_wrapper(config.optim_wrapper)
    rates = {
        id(parameter): group['lr']
        for group in wrapper.optimizer.param_groups
        for parameter in group['params']
    }
    assert {g['weight_decay'] for g in wrapper.optimizer.param_groups} == {
        1e-3
    }
    named = runner.model.named_parameters()
    tuned = {n: p for n, p in named if p.requires_grad}
    fast = {n for n, p in tuned.items() if rates[id(p)] > 1e-5}
    assert fast == {n for n in tuned if 'prompt' in n}
    assert all(rates[id(tuned[n])] == pytest.approx(2e-5) for n in fast)
    assert any('local_global_bias_table' in n for n in set(tuned) - fast)
