"""What mmovar/released/README.md says of safety, a test a sentence."""

import os

import pytest
import torch
from mmaction.registry import MODELS

from helpers.bomb import Bomb
from helpers.released_weights import clip_weights, vifi_weights
from helpers.tiny_clip import NAMES, recognizer_config
from mmovar.apis import init_recognizer, load_config, load_released
from mmovar.apis.loading import use_loading_options


@pytest.fixture
def trace(tmp_path):
    """A file that exists once code has run."""
    return tmp_path / 'trace'


@pytest.fixture
def own(tmp_path, trace):
    """A config, and a checkpoint of MMEngine with a bomb in it."""
    model = recognizer_config(tmp_path)
    config, path = tmp_path / 'config.py', tmp_path / 'own.pth'
    config.write_text(f'model = {model!r}\ntest_pipeline = []\n')
    weights = MODELS.build(model).state_dict()
    torch.save(dict(meta=dict(x=Bomb(trace)), state_dict=weights), path)
    return config, path


@pytest.fixture
def release(tmp_path, trace):
    path = tmp_path / 'release.pth'
    torch.save(dict(model=vifi_weights(), config=Bomb(trace)), path)
    return path


def test_files_with_other_objects_are_refused_and_these_named(
    own, release, trace
):
    with pytest.raises(ValueError, match='own.pth holds .*: posix.system'):
        init_recognizer(*own)
    with pytest.raises(ValueError, match='release.pth .*: posix.system'):
        load_released(release)
    assert not trace.exists()


@pytest.mark.parametrize('by', ['argument', 'environment'])
def test_they_are_left_out_on_demand_and_nothing_runs(
    own, release, trace, monkeypatch, by
):
    monkeypatch.setenv('MMOVAR_SKIP_FOREIGN', str(int(by == 'environment')))
    skip = dict(skip_foreign=by == 'argument')
    assert init_recognizer(*own, NAMES, **skip).classnames == NAMES
    base = clip_weights()
    load_released(release, NAMES[:2], base=base, **skip)
    assert not trace.exists()


def test_unsafe_pickle_builds_them_in_checkpoints_of_mmengine(own, trace):
    init_recognizer(*own, unsafe_pickle=True)
    assert trace.exists()


def test_unsafe_pickle_builds_nothing_in_releases(own, release, trace):
    with pytest.raises(ValueError, match='release.pth .*: posix.system'):
        init_recognizer(own[0], release, unsafe_pickle=True)
    assert not trace.exists()


@pytest.mark.parametrize('tool', ['test', 'train'])
@pytest.mark.parametrize('option', ['--skip-foreign', '--unsafe-pickle'])
def test_options_of_tools_are_these_variables(
    load_tool, monkeypatch, tool, option
):
    names = 'MMOVAR_SKIP_FOREIGN', 'MMOVAR_UNSAFE_PICKLE'
    for name in names:
        monkeypatch.setenv(name, '')
    use_loading_options(load_tool(tool).parse_args(['config.py', option]))
    given = f'MMOVAR_{option[2:].replace("-", "_").upper()}'
    assert [name for name in names if os.environ[name]] == [given]


def test_config_files_do_run(tmp_path, trace):
    path = tmp_path / 'config.py'
    path.write_text(f'open({str(trace)!r}, "w").close()\n')
    load_config(path)
    assert trace.exists()
