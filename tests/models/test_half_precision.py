"""Learners train in half precision as in full; on CPUs in bfloat16."""

import copy

import pytest
import torch
from mmengine.hooks import Hook

from helpers.tiny_config import CONFIGS, load_tiny_config
from mmovar.apis import build_runner
from mmovar.apis.precision import enable_amp, enable_test_amp

STEPS = 3
ON_CPU = ('open_mede/k400_zs', 'tc_clip/k400_zs')
ON_GPU = (
    *ON_CPU,
    *('open_vclip/k400_zs', 'vifi_clip/k400_zs', 'open_vclip/k400_plain'),
    'open_mede/ablations/rfd',
    *('open_mede/ablations/plain', 'mini/ablations/l2'),
    *('vifi_clip/fs_prompt', 'tc_clip/ablations/late_fusion'),
    *(
        f'learners/{name}_plain'
        for name in ('a5', 'actionclip', 'st_adapter', 'vita_clip', 'xclip')
    ),
)


class Losses(Hook):
    """Keeps the losses of a training, and ends it after some steps."""

    def __init__(self):
        self.seen = []

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        self.seen.append(outputs['loss'].item())

    def after_train_epoch(self, runner):
        runner.train_loop.stop_training = len(self.seen) >= STEPS


class EndAfterOneEpoch(Hook):
    """Ends a training that would go on."""

    def after_train_epoch(self, runner):
        runner.train_loop.stop_training = True


def train(config, half=None):
    """Train some steps; return the runner and its losses."""
    config = copy.deepcopy(config)
    config.experiment_name = f'{half}_{id(config)}'
    if half:
        enable_amp(config, half)
        enable_test_amp(config, half)
    runner = build_runner(config)
    runner.register_hook(losses := Losses())
    runner.train()
    return runner, losses.seen


@pytest.mark.parametrize(
    ('name', 'half'),
    [
        *((name, 'bfloat16') for name in ON_CPU),
        *(
            pytest.param(name, half, marks=pytest.mark.gpu)
            for name in ON_GPU
            for half in ('bfloat16', 'float16')
        ),
    ],
)
def test_learner_trains_and_tests_in_half_precision(tmp_path, name, half):
    config = load_tiny_config(CONFIGS / f'{name}.py', tmp_path)
    _, full = train(config)
    runner, losses = train(config, half)
    assert len(losses) == len(full) == STEPS
    assert losses != full
    assert losses == pytest.approx(full, rel=0.03)
    assert {p.dtype for p in runner.model.parameters()} == {torch.float32}
    assert runner.test()
    assert runner.test_loop.precision == half


@pytest.mark.parametrize(
    'half', ['bfloat16', pytest.param('float16', marks=pytest.mark.gpu)]
)
def test_a_training_resumes_in_half_precision(tmp_path, half):
    config = load_tiny_config(CONFIGS / 'open_mede/k400_zs.py', tmp_path)
    config.val_cfg = config.val_dataloader = config.val_evaluator = None
    config.train_cfg.max_epochs = 2
    enable_amp(config, half)
    ends = []
    for stops in (False, True):
        config.work_dir = str(tmp_path / f'stops_{stops}')
        if stops:
            runner = build_runner(config)
            runner.register_hook(EndAfterOneEpoch())
            runner.train()
            config.resume = True
        runner = build_runner(config)
        runner.train()
        assert runner.epoch == 2
        ends.append(runner.model.state_dict())
    for name, value in ends[0].items():
        torch.testing.assert_close(ends[1][name], value, msg=name)


@pytest.mark.gpu
def test_one_process_of_nccl_trains(tmp_path, repo, run_tool):
    config = load_tiny_config(CONFIGS / 'open_mede/k400_zs.py', tmp_path)
    config.train_cfg.max_epochs = 1
    config.dump(tmp_path / 'config.py')
    script = repo / 'tools/dist_train.sh'
    options = ('--amp', '--work-dir', tmp_path / 'run')
    run_tool(['bash', script, tmp_path / 'config.py', 1, *options])
    assert (tmp_path / 'run/epoch_1.pth').is_file()
