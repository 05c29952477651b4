"""Numbers and views of the configs of TC-CLIP and ViFi-CLIP."""

import pytest
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

import mmovar  # noqa: F401
from helpers.clips import write_video
from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import build_runner, load_config
from mmovar.datasets import resolve_source
from mmovar.engine import fill_options
from mmovar.engine.loops.test_sets import datasets_of
from mmovar.engine.schedulers.timm_cosine_lr import cosine_with_warmup
from mmovar.vocabulary import read_classnames

TC, VIFI = CONFIGS / 'tc_clip', CONFIGS / 'vifi_clip'
# learning rate, epochs, warm-up, total batch, frames, views at test
ZERO_SHOT, FEW_SHOT = (8e-6, 10, 5, 256), (2e-6, 50, 5, 64)
RECIPES = {
    TC / 'k400_zs.py': (*ZERO_SHOT, 16, 2),
    TC / 'k400_full.py': (2.2e-5, 30, 5, 512, 16, 12),
    TC / 'b2n.py': (3.33e-6, 12, 2, 64, 16, 2),
    TC / 'fs.py': (*FEW_SHOT, 16, 2),
    VIFI / 'k400_zs.py': (*ZERO_SHOT, 32, 1),
    VIFI / 'k400_full.py': (2.2e-5, 30, 5, 512, 16, 12),
    VIFI / 'k400_full_text_ft.py': (8e-6, 30, 5, 256, 16, 12),
    VIFI / 'b2n.py': (2e-6, 11, 5, 64, 32, 1),
    VIFI / 'fs.py': (*FEW_SHOT, 32, 1),
    VIFI / 'fs_prompt.py': (8e-3, 50, 5, 64, 32, 1),
    VIFI / 'b2n_prompt.py': (4e-2, 11, 5, 64, 32, 1),
}


@pytest.fixture(params=RECIPES, ids=lambda p: f'{p.parent.name}/{p.stem}')
def recipe(request):
    return load_config(request.param), RECIPES[request.param]


def test_schedule_is_that_of_the_release(recipe):
    config, (lr, epochs, warmup, total, _, _) = recipe
    optimizer = config.optim_wrapper.optimizer
    assert (optimizer.lr, config.train_cfg.max_epochs) == (lr, epochs)
    assert optimizer.betas == (0.9, 0.98) and optimizer.weight_decay == 1e-3
    assert config.train_cfg.total_batch_size == total
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
    test = views(config.test_dataloader.dataset.pipeline, tmp_path)
    assert test.shape == (num_views, *shape)
    assert config.model.cls_head.average_clips == 'prob'


def test_zero_shot_rates_fall_to_half_at_the_end_of_the_warm_up():
    rates = [cosine_with_warmup(t, 8e-6, 8e-8, 5000, 10000) for t in (5000,)]
    assert rates == [pytest.approx(4.04e-6)]


def data_of(path, **options):
    """Resolve the data sets of a config: training, validation, tests."""
    config = load_config(path, options)
    loaders = config.train_dataloader, config.val_dataloader
    return [
        resolve_source(fill_options(loader.dataset, config))
        for loader in loaders
    ] + [*datasets_of(config).values()]


@pytest.mark.parametrize('method', [TC, VIFI])
@pytest.mark.parametrize('name', ['hmdb51', 'ucf101', 'ssv2'])
def test_dataset_and_shots_choose_the_lists(method, name):
    for shots in (2, 16):
        train, val, test = data_of(method / 'fs.py', dataset=name, shots=shots)
        assert train['ann_file'].endswith(f'/train1_few_shot_{shots}.txt')
        camel = ':camel' if (method, name) == (VIFI, 'ucf101') else ''
        assert train['classnames'] == val['classnames'] == name + camel
        assert val['ann_file'] == test['ann_file']


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
    train, *others = data_of(method / 'b2n.py', dataset=name, draw=3)
    assert train['ann_file'].endswith('/fs_base_s3_train.txt')
    names = [read_classnames(s['classnames']) for s in (train, *others)]
    assert [len(n) for n in names] == [base, base, base, novel]
    assert names[0] == names[2]
    assert not set(names[2]) & set(names[3])


@pytest.mark.parametrize('stem', ['fs', 'b2n'])
def test_flip_is_left_out_for_ssv2_in_tc_clip_alone(stem):
    kept = {
        method: load_config(
            method / f'{stem}.py'
        ).train_dataloader.dataset.get('flip_directed', True)
        for method in (TC, VIFI)
    }
    assert kept == {TC: False, VIFI: True}


@pytest.mark.parametrize('name', ['k400_zs', 'k400_full', 'fs'])
def test_random_views_are_an_option_of_the_run(name, tmp_path):
    key = 'test_dataloader.dataset.pipeline.1.test_mode'
    fixed, drawn = (
        load_config(
            TC / f'{name}.py', {key: value}
        ).test_dataloader.dataset.pipeline
        for value in (True, False)
    )
    assert fixed[1] == dict(drawn[1], test_mode=True)
    assert not drawn[1].test_mode
    assert views(drawn, tmp_path).shape == views(fixed, tmp_path).shape


def test_rephrased_names_replace_those_of_every_set():
    names = [
        data['classnames'] for data in data_of(TC / 'k400_zs.py', names='llm')
    ]
    assert all(name.startswith('labels/labels_froster/') for name in names)
    assert len(set(names)) == 6


def test_new_modules_learn_ten_times_as_fast_and_all_decays(tmp_path):
    config = load_tiny_config(TC / 'fs.py', tmp_path)
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
