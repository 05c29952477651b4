"""Build MMEngine's runner on GPUs, and on machines that have none."""

import copy
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import torch.distributed as dist
from mmaction.registry import OPTIMIZERS, RUNNERS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.runner import Runner

from mmovar.engine.end_with_agent import end_with_agent
from mmovar.engine.hooks import PrepareCheckpointHook
from mmovar.error_lines import did_you_mean
from mmovar.one_process import one_process

_RANK_VARIABLES = {
    'none': {},
    'pytorch': {},  # torchrun sets all of them
    'slurm': {
        'RANK': 'SLURM_PROCID',
        'WORLD_SIZE': 'SLURM_NTASKS',
        'LOCAL_RANK': 'SLURM_LOCALID',
    },
    'mpi': {
        'RANK': 'OMPI_COMM_WORLD_RANK',
        'WORLD_SIZE': 'OMPI_COMM_WORLD_SIZE',
        'LOCAL_RANK': 'OMPI_COMM_WORLD_LOCAL_RANK',
    },
}
LAUNCHERS = tuple(_RANK_VARIABLES)


def build_runner(
    config: Config,
    launcher: str = 'none',
    raw: bool = False,
    allow_missing: Sequence[str] = (),
) -> Runner:
    """Build the runner of a config for one process or many.

    With GPUs this is what MMAction2's tools do (NCCL). Without any,
    MMEngine's launcher calls ``torch.cuda.set_device`` all the same and
    wraps the model for GPU 0; then the processes are joined over gloo first,
    and the model is wrapped for the CPU.

    Ranks end with torchrun; Slurm and MPI end theirs themselves.
    ``load_from`` may be a released file, see ``PrepareCheckpointHook``.

    Args:
        config: What to run; ``work_dir`` must be set. Not modified.
        launcher: What started the processes: ``'none'`` (there is one),
            ``'pytorch'`` (torchrun), ``'slurm'`` or ``'mpi'``.
        raw: See ``PrepareCheckpointHook``.
        allow_missing: Likewise.

    Returns:
        A runner, ready for ``train()``, ``val()`` or ``test()``.

    Raises:
        ValueError: If ``launcher`` is unknown, or the config has no model.
        KeyError: If an environment variable of the launcher is missing.
    """
    if launcher not in LAUNCHERS:
        raise ValueError(
            f'launcher must be one of {LAUNCHERS}, but is {launcher!r}'
        )
    end_with_agent()
    if not config.get('model'):
        raise ValueError(f'{config.filename} has no model to run')
    config = copy.deepcopy(config)
    config.launcher = launcher
    if launcher != 'none' and get_device() == 'cpu':
        _join_over_gloo(launcher, config.get('env_cfg', {}))
        _wrap_for_cpu(config)
    if 'runner_type' in config:
        runner = RUNNERS.build(config)
    else:
        runner = Runner.from_cfg(config)
    _check_optimizer(config)
    hooks = [h for h in runner.hooks if isinstance(h, PrepareCheckpointHook)]
    if not hooks:
        hooks = [PrepareCheckpointHook()]
        runner.register_hook(hooks[0])
    hooks[0].raw, hooks[0].allow_missing = raw, allow_missing
    return runner


def lock_work_dir(
    work_dir: str | os.PathLike, launcher: str = 'none'
) -> AbstractContextManager[None]:
    """Refuse a second training in a work dir, before anything is written.

    Of several processes the first one locks; when it fails, their launcher
    ends the others.

    Args:
        work_dir: Where the training writes.
        launcher: As for :func:`build_runner`.

    Returns:
        A context to train in.

    Raises:
        RuntimeError: On entering, if another process trains there; if
            torchrun has ended.
    """
    end_with_agent()
    variable = _RANK_VARIABLES[launcher].get('RANK', 'RANK')
    if launcher != 'none' and int(os.environ.get(variable, 0)):
        return nullcontext()
    return one_process(work_dir, 'training')


def close() -> None:
    """Leave the process group together, if there is one, when all is done."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def _check_optimizer(config: Config) -> None:
    """Refuse an unknown optimizer; MMEngine would call ``None``."""
    wrapper = config.get('optim_wrapper') or {}
    kind = (wrapper.get('optimizer') or {}).get('type')
    if isinstance(kind, str) and OPTIMIZERS.get(kind) is None:
        hint = did_you_mean(kind, OPTIMIZERS.root.module_dict)
        raise ValueError(f'there is no optimizer of type {kind!r}{hint}')


def _join_over_gloo(launcher: str, env_cfg: Mapping) -> None:
    """Join the processes; ``Runner`` leaves an existing group alone."""
    if dist.is_initialized():
        return
    for name, source in _RANK_VARIABLES[launcher].items():
        if source not in os.environ:
            raise KeyError(
                f'--launcher {launcher} needs the variable {source}'
            )
        os.environ[name] = os.environ[source]
    if launcher == 'slurm' and 'MASTER_ADDR' not in os.environ:
        hosts = subprocess.check_output(
            ['scontrol', 'show', 'hostnames', os.environ['SLURM_NODELIST']],
            text=True,
        )
        os.environ['MASTER_ADDR'] = hosts.split()[0]
    if launcher != 'pytorch':
        os.environ.setdefault('MASTER_PORT', '29500')
    seconds = env_cfg.get('dist_cfg', {}).get('timeout', 1800)
    dist.init_process_group('gloo', timeout=timedelta(seconds=seconds))


def _wrap_for_cpu(config: Config) -> None:
    """Let ``DistributedDataParallel`` know that there is no device index."""
    if 'model_wrapper_cfg' not in config:
        config.model_wrapper_cfg = {
            'type': 'MMDistributedDataParallel',
            'broadcast_buffers': False,
            'find_unused_parameters': config.get(
                'find_unused_parameters', False
            ),
        }
    config.model_wrapper_cfg.device_ids = None
