"""Weights of another model end a run; they are not scored."""

import copy

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.runner import load_checkpoint

from helpers.tiny_config import (
    CONFIGS,
    shrink_context,
    shrink_prompts,
    tiny,
    write_weights,
)
from helpers.toy_run import ToyDataset  # noqa: F401  (registered)
from mmovar.apis import build_runner, init_recognizer, load_config

OPEN_MEDE = 'open_mede/k400_zs.py'
PROMPTS = 'vifi_clip/fs_prompt.py'
OTHERS = {
    'tc_clip/k400_zs.py': r'missing',
    PROMPTS: r'4 \(backbone.VPT.*prompt_learner.*\) missing',
    'learners/xclip_plain.py': r'missing',
    'learners/actionclip_plain.py': r'neck.*missing',
}


@pytest.fixture(scope='module')
def configs(tmp_path_factory):
    """Tiny models of the configs, and one data set of numbers."""
    folder = tmp_path_factory.mktemp('models')

    def build(name, **options):
        config = load_config(CONFIGS / name, options)
        model = config.model
        model.arch = tiny(32)
        model.weights = write_weights(model.arch, folder / 'clip.pt')
        model.cls_head.tokenizer = None
        shrink_prompts(model)
        shrink_context(model)
        loader = dict(
            batch_size=1,
            dataset=dict(type='ToyDataset', size=1, classes=('a',)),
            sampler=dict(type='DefaultSampler', shuffle=False),
        )
        return Config(
            dict(
                default_scope='mmaction',
                custom_imports=dict(imports=['helpers.toy_run']),
                model=model.to_dict(),
                work_dir=str(folder),
                **dict(test_dataloader=loader, test_cfg=dict()),
                test_evaluator=dict(type='AccMetric'),
                test_pipeline=[],
                log_level='ERROR',
                experiment_name=f'{name}_{torch.rand(())}',
            )
        )

    return build


def trained(config):
    """Weights as a training would have left them."""
    return MODELS.build(copy.deepcopy(config.model)).state_dict()


def save(state_dict, path):
    torch.save(dict(state_dict=state_dict, meta=dict(epoch=1)), path)
    return path


def load_by_runner(config, path, **kwargs):
    runner = build_runner(Config(dict(config, load_from=str(path))), **kwargs)
    runner.load_or_resume()
    return runner.model


def load_by_mmaction(config, path):
    """As MMAction2's ``init_recognizer``, and its tools without our hook."""
    model = MODELS.build(copy.deepcopy(config.model))
    load_checkpoint(model, str(path), map_location='cpu')
    return model


LOADERS = [load_by_runner, load_by_mmaction, init_recognizer]


@pytest.mark.parametrize('load', LOADERS)
@pytest.mark.parametrize(
    ('change', 'match'),
    [
        (lambda weights: {'foo.bar': torch.ones(2)}, r'\d+ .*missing; 1 '),
        (lambda weights: {}, 'no weights|missing'),
        (
            lambda weights: {k: v[..., None] for k, v in weights.items()},
            'of another shape',
        ),
        (
            lambda weights: {
                k: v for k, v in weights.items() if k != 'backbone.proj'
            },
            r': 1 \(backbone.proj\) missing',
        ),
    ],
    ids=['no key fits', 'empty', 'other shapes', 'one missing'],
)
def test_what_is_not_whole_is_refused(configs, tmp_path, load, change, match):
    config = configs(OPEN_MEDE)
    path = save(change(trained(config)), tmp_path / 'a.pth')
    with pytest.raises(ValueError, match=match):
        load(config, path)


@pytest.mark.parametrize('load', LOADERS)
@pytest.mark.parametrize('name', OTHERS)
def test_weights_of_another_method_are_refused(configs, tmp_path, load, name):
    path = save(trained(configs(OPEN_MEDE)), tmp_path / 'open_mede.pth')
    with pytest.raises(ValueError, match=OTHERS[name]):
        load(configs(name), path)


def test_more_weights_than_the_model_has_are_refused(configs, tmp_path):
    path = save(trained(configs(PROMPTS)), tmp_path / 'prompts.pth')
    with pytest.raises(ValueError, match=r'4 \(.*VPT.*\) unexpected'):
        load_by_runner(configs(OPEN_MEDE), path)


def test_what_fits_loads(configs, tmp_path):
    for name in (OPEN_MEDE, *OTHERS):
        config = configs(name)
        path = save(trained(config), tmp_path / 'a.pth')
        for load in LOADERS:
            load(config, path)


def test_the_tool_ends_with_an_error_and_writes_nothing(
    configs, tmp_path, load_tool
):
    configs(PROMPTS).dump(tmp_path / 'config.py')
    path = save(trained(configs(OPEN_MEDE)), tmp_path / 'open_mede.pth')
    out = tmp_path / 'results.json'
    with pytest.raises(ValueError, match='missing'):
        load_tool('test').main(['config.py', str(path), '--out', str(out)])
    assert not out.exists()


def test_what_may_be_missing_stays_as_the_config_makes_it(configs, tmp_path):
    weights = trained(configs(OPEN_MEDE))
    scale = weights['cls_head.logit_scale'].fill_(1.5)
    path = save(weights, tmp_path / 'open_mede.pth')
    config = configs(PROMPTS)
    with pytest.raises(ValueError, match=r'2 \(.*prompt_learner.*\) missing'):
        load_by_runner(config, path, allow_missing=['*VPT*'])
    globs = ['*VPT*', 'cls_head.prompt_learner.*']
    for load in (load_by_runner, init_recognizer):
        model = load(config, path, allow_missing=globs)
        assert model.cls_head.logit_scale == scale
    del weights['cls_head.logit_scale']
    more = dict(weights, **{'cls_head.fc.weight': torch.ones(2, 2)})
    path = save(more, tmp_path / 'more.pth')
    globs = ['cls_head.logit_scale', 'cls_head.fc.*']
    model = load_by_runner(configs(OPEN_MEDE), path, allow_missing=globs)
    assert model.cls_head.logit_scale == 2.0  # of CLIP


def test_a_training_learns_what_clip_lacks(configs, tmp_path):
    weights = trained(configs(OPEN_MEDE))
    path = str(save(weights, tmp_path / 'open_mede.pth'))
    for name in OTHERS:
        model = MODELS.build(configs(name).model)
        model.init_weights()  # as a training does, before it loads
        load_checkpoint(model, path)
    whole = trained(configs('tc_clip/k400_zs.py'))
    lost = 'cls_head.prompt_learner.ctx'
    for state_dict, match in (
        ({k: v for k, v in whole.items() if k != lost}, lost),
        ({k: v for k, v in weights.items() if 'ln_post' not in k}, 'ln_post'),
    ):
        path = str(save(state_dict, tmp_path / 'half.pth'))
        model = MODELS.build(configs('tc_clip/k400_zs.py').model)
        model.init_weights()
        with pytest.raises(ValueError, match=match):
            load_checkpoint(model, path)


def test_losses_beside_the_head_are_of_training_only(configs, tmp_path):
    config = configs(OPEN_MEDE)
    with_loss = copy.deepcopy(config)
    with_loss.model.auxiliary_losses = [dict(type='FeatureDistillation')]
    for source, target in ((config, with_loss), (with_loss, config)):
        path = save(trained(source), tmp_path / 'a.pth')
        load_by_runner(target, path)


def test_pytorch_loads_as_strict_says(configs):
    model = MODELS.build(configs(OPEN_MEDE).model)
    keys = model.load_state_dict({'foo': torch.ones(1)}, strict=False)
    assert keys.unexpected_keys == ['foo'] and keys.missing_keys
    with pytest.raises(RuntimeError, match='Missing key'):
        model.load_state_dict({})
