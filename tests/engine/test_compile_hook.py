import logging

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner.checkpoint import _load_checkpoint

from helpers.tiny_clip import tiny_arch
from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import build_runner
from mmovar.clip import BlockWeights, VisionTransformer
from mmovar.engine.hooks import CompileHook

COMPILE = dict(backend='aot_eager')


class StopAfterOneEpoch(Hook):
    def after_train_epoch(self, runner):
        runner.train_loop.stop_training = True


def trained(folder, path, **options):
    """Train a tiny config for one step; return the runner."""
    folder.mkdir()
    torch.manual_seed(0)
    config = load_tiny_config(CONFIGS / path, folder, **options)
    config.val_cfg = config.val_dataloader = config.val_evaluator = None
    config.test_cfg = config.test_dataloader = config.test_evaluator = None
    runner = build_runner(config)
    runner.register_hook(StopAfterOneEpoch())
    runner.train()
    return runner


def compiled(model):
    """Tell of each block whether it is compiled."""
    return {
        m._compiled_call_impl is not None
        for m in model.modules()
        if isinstance(m, BlockWeights)
    }


@pytest.fixture
def dynamo():
    """Counters of torch.compile that begin at zero."""
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield torch._dynamo.utils.counters
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.parametrize(
    'path',
    [
        'open_mede/k400_zs.py',  # meta step and weight averages
        *('open_vclip/k400_zs.py', 'vifi_clip/k400_zs.py'),
        *('vifi_clip/b2n_prompt.py', 'tc_clip/k400_zs.py'),
        *('learners/a5_plain.py', 'learners/actionclip_plain.py'),
        *('learners/st_adapter_plain.py', 'learners/xclip_plain.py'),
        'learners/vita_clip_plain.py',
    ],
)
def test_compiled_training_ends_with_the_same_weights(path, tmp_path, dynamo):
    eager = trained(tmp_path / 'eager', path)
    runner = trained(tmp_path / 'compiled', path, compile=COMPILE)
    assert compiled(runner.model) == {True}
    assert dynamo['graph_break'] == {}
    assert 'train_step' not in vars(runner.model)  # MMEngine's
    weights, expected = runner.model.state_dict(), eager.model.state_dict()
    assert list(weights) == list(expected)
    for name, value in weights.items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=1e-5)
    (path,) = (tmp_path / 'compiled' / 'work').glob('epoch_*.pth')
    config = _load_checkpoint(str(path))['meta']['cfg']
    assert Config.fromstring(config, '.py').compile == COMPILE


class Run:
    """What the hook reads of a runner."""

    logger = logging.getLogger('mmengine')

    def __init__(self, model, **config):
        self.model, self.cfg = model, Config(config)


def tower():
    return VisionTransformer(tiny_arch())


@pytest.mark.parametrize('option', [True, dict(backend='eager')])
def test_blocks_are_compiled_and_the_option_kept_from_mmengine(option):
    run, hook = Run(tower(), compile=option), CompileHook()
    hook.before_run(run)
    assert compiled(run.model) == {True}
    assert 'compile' not in run.cfg
    hook.before_train(run)
    assert run.cfg.compile == option


@pytest.mark.parametrize('config', [{}, dict(compile=False)])
def test_nothing_is_compiled_without_the_option(config):
    run, hook = Run(tower(), **config), CompileHook()
    hook.before_run(run)
    hook.before_train(run)
    assert compiled(run.model) == {False}
    assert run.cfg.to_dict() == config


def test_other_models_are_left_to_mmengine():
    run = Run(torch.nn.Linear(2, 2), compile=True)
    CompileHook().before_run(run)
    assert run.cfg.compile is True


def test_unknown_argument_of_torch_compile():
    run = Run(tower(), compile=dict(bakend='eager'))
    with pytest.raises(TypeError, match='bakend'):
        CompileHook().before_run(run)


def test_runs_of_all_configs_have_the_hook():
    config = Config.fromfile(CONFIGS / '_base_/default_runtime.py')
    assert 'CompileHook' in [h.type for h in config.custom_hooks]
