"""An option that nothing reads is refused."""

import ast
import inspect

import pytest
from mmengine import runner
from mmengine.config import Config

from mmovar.apis import load_config
from mmovar.apis.config_options import READ, check_kept
from mmovar.error_lines import near

BASE = """
custom_imports = dict(imports=['mmovar'])
sampling = dict(type='SampleFrames', clip_len=8)
size = 32
train_pipeline = [dict(type='VideoInit'), dict(sampling, num_clips=1)]
test_pipeline = train_pipeline
spare = dict(mu=3)
own = dict(weights='clip.pt')
model = dict(type='X', weights=own['weights'], size=size, test_mode=True)
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=train_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
optim_wrapper = dict(optimizer=dict(lr=1e-3), loss_scale=512.)
env_cfg = dict(cudnn_benchmark=False)
param_scheduler = [dict(end=5)]
randomness = dict(seed=0)
data_root = None
load_from = None
watch = 0
"""
READ_SOMEWHERE = {
    'load_from': 'a b.pth',
    'resume': True,
    'work_dir': '/my work',
    'visualizer.type': 'X',
    'log_level': 'DEBUG',
    'find_unused_parameters': True,
    'sync_bn': 'torch',
    'model.new': 3,
    'model._delete_': True,
    'model.weights': None,
    'train_dataloader.batch_size': 8,
    'train_dataloader.dataset.pipeline.1.clip_len': 4,
    'optim_wrapper.loss_scale': 'dynamic',
    'optim_wrapper.optimizer.lr': 1,
    'optim_wrapper.paramwise_cfg.norm_decay_mult': 0.0,
    'env_cfg.dist_cfg.timeout': 9,
    'env_cfg': {'cudnn_benchmark': True},
    'param_scheduler.0.end': 3,
    'custom_imports.imports': ['json'],
    'watch': 5,
}
REFUSED = {
    'optim_wraper.lr': 'did you mean optim_wrapper',
    'data_rot': 'did you mean data_root',
    'load_form': 'did you mean load_from',
    'wacth': 'did you mean watch',
    'seeed': r'did you mean randomness\.seed',
    'lr': r'did you mean optim_wrapper\.optimizer\.lr',
    'param_schedular.0.end': 'did you mean param_scheduler',
    'work_dri': 'did you mean work_dir',
    'test_dataloder.dataset.x': 'did you mean test_dataloader',
    '_delete_': 'nothing reads',
    'filename': 'nothing reads',
    'launcher': 'nothing reads',
    'a..b': 'has an empty part',
    'model.': 'has an empty part',
    'model. type': 'has an empty part',
    'env_cfg.cudnn_benchmrk': 'did you mean .cudnn_benchmark',
    'env_cfg.mp_cfg.method': 'env_cfg.mp_cfg has mp_start_method',
    'custom_imports.import': 'did you mean .imports',
    'optim_wrapper.paramwise_cfg.norm_decay': 'did you mean .norm_decay_mult',
    'train_pipeline.0.type': r'set train_dataloader\.dataset\.pipeline\.0\.ty',
    'test_pipeline.1.clip_len': r'test_dataloader\.dataset\.pipeline\.1\.clip',
    'sampling.clip_len': r'set train_dataloader\.dataset\.pipeline\.1\.clip_l',
    'own.weights': r'only while the file is read; set model\.weights$',
    'size': r'set model\.size$',
    'spare.mu': 'used nowhere here',
    'param_scheduler.1.end': "has 1 elements, there is no '1'",
    'param_scheduler.end': "has 1 elements, there is no 'end'",
    'model.type.x': "model.type is 'X', which has no 'x'",
    'load_from.x': "load_from is None, which has no 'x'",
    'model': 'model is made of parts',
    'param_scheduler': 'param_scheduler is made of parts',
    'optim_wrapper.optimizer.lr': "must be a number, but is 'text'",
    'watch': "must be a number, but is 'text'",
    'model.test_mode': "must be True or False, but is 'text'",
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(BASE)
    return path


@pytest.mark.parametrize('key', READ_SOMEWHERE)
def test_what_is_read_is_set(config, key):
    value = READ_SOMEWHERE[key]
    stock = Config.fromfile(config)
    stock.merge_from_dict({key: value})
    found = load_config(config, {key: value})
    assert found._cfg_dict == stock._cfg_dict != Config.fromfile(config)


@pytest.mark.parametrize('key', REFUSED)
def test_what_is_not_read_is_refused(config, key):
    with pytest.raises(ValueError, match=REFUSED[key]) as error:
        load_config(config, {key: 'text'})
    assert key in str(error.value)


def test_options_that_contradict_each_other_are_refused(config):
    options = {'model': dict(type='Y'), 'model.type': 'Z'}
    with pytest.raises(ValueError, match="'model' and 'model.type' set the"):
        load_config(config, options)


def test_imports_that_an_option_asks_for_are_made(config, tmp_path):
    with pytest.raises(ImportError, match='no_such_module'):
        load_config(config, {'custom_imports.imports': ['no_such_module']})


def test_an_option_that_an_argument_overrides_is_refused(config):
    options = {'randomness.seed': 3, 'model._delete_': True, 'watch': 1}
    found = load_config(config, options)
    check_kept(found, options)
    found.randomness.seed = 4
    with pytest.raises(ValueError, match=r'randomness\.seed=3 has no effect'):
        check_kept(found, options)


def test_all_that_the_runner_looks_up_in_a_config_is_known():
    source = inspect.getsource(runner.Runner)
    found = {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == 'get'
        and ast.unparse(node.func.value) in ('cfg', 'self.cfg')
    }
    assert {'sync_bn', 'compile', 'load_from'} <= found
    assert found - {'launcher'} <= READ


def test_names_that_are_alike():
    assert near('abcd', ['abce', 'xyz', 'abce']) == ['abce']


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('a.py', 'model = [', 'a.py cannot be read: SyntaxError'),
        ('a.py', 'model = 1 / 0', 'a.py cannot be read: ZeroDivisionError'),
        ('a.py', "_base_ = 'no.py'", 'a.py cannot be read: File.*no.py'),
        ('a.txt', 'x', r'a.txt is no config file: its name must end in \.py'),
        ('a.json', '{', 'a.json cannot be read'),
    ],
)
def test_files_that_are_no_configs_are_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        load_config(tmp_path / name)


def test_a_folder_is_no_config(tmp_path):
    with pytest.raises(FileNotFoundError, match='is a folder'):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ('key', 'value', 'least'),
    [
        ('train_dataloader.batch_size', 0, 1),
        ('train_dataloader.batch_size', 1.5, 1),
        ('train_cfg.max_epochs', -1, 1),
        ('randomness.seed', -1, 0),
        ('watch', -1, 0),
    ],
)
def test_whole_numbers_are_checked(config, key, value, least):
    message = f'{key} must be a whole number, {least} or more, but is {value}'
    with pytest.raises(ValueError, match=message):
        load_config(config, {key: value})
    assert load_config(config, {key: least})
