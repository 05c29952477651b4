"""Building the runner; several processes are in tests/tools."""

import pytest

from helpers.processes import run_fork
from mmovar.apis import build_runner, launch, load_config


def test_one_process_needs_no_launcher(toy_config, tmp_path):
    config = load_config(toy_config)
    config.work_dir = str(tmp_path / 'run')
    runner = build_runner(config)
    assert runner.world_size == 1
    assert 'launcher' not in config


def test_unknown_launcher_is_refused(toy_config):
    with pytest.raises(ValueError, match="'torchrun'"):
        build_runner(load_config(toy_config), 'torchrun')


def test_missing_variable_of_a_launcher_is_named(monkeypatch):
    monkeypatch.delenv('SLURM_PROCID', raising=False)
    with pytest.raises(KeyError, match='SLURM_PROCID'):
        launch._join_over_gloo('slurm', {})


def test_cpu_wrapping_keeps_what_the_config_says(toy_config):
    config = load_config(toy_config, {'find_unused_parameters': True})
    launch._wrap_for_cpu(config)
    assert config.model_wrapper_cfg.to_dict() == dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=True,
        device_ids=None,
    )
    config = load_config(
        toy_config, {'model_wrapper_cfg': dict(type='Mine', device_ids=[0])}
    )
    launch._wrap_for_cpu(config)
    assert config.model_wrapper_cfg.to_dict() == dict(
        type='Mine', device_ids=None
    )


@pytest.mark.parametrize(
    ('launcher', 'variable', 'code'),
    [
        ('none', 'RANK', 1),
        ('pytorch', 'RANK', 0),
        ('slurm', 'SLURM_PROCID', 0),
        ('mpi', 'OMPI_COMM_WORLD_RANK', 0),
    ],
)
def test_the_first_rank_alone_locks_the_work_dir(
    tmp_path, monkeypatch, launcher, variable, code
):
    def enter():
        with launch.lock_work_dir(tmp_path, launcher):
            pass

    with launch.lock_work_dir(tmp_path):
        monkeypatch.setenv(variable, '0')
        assert run_fork(enter) == 1
        monkeypatch.setenv(variable, '1')
        assert run_fork(enter) == code
