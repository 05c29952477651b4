"""Processes that talk over gloo, and such that are killed."""

import gc
import os
import signal
from contextlib import contextmanager

import torch
from torch import distributed, multiprocessing

from .light_runner import lighten

PRELOAD = [
    *('mmovar', 'mmovar.apis', 'open_clip', 'torch._dynamo'),
    *('decord', 'matplotlib.pyplot', 'mmaction.models'),
]


@contextmanager
def process_group(folder, rank=0, world=1):
    """Join the group whose processes meet in a folder, and leave it."""
    distributed.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=world,
    )
    yield
    gc.collect()  # a model that outlives the group may hang its end
    distributed.barrier()
    distributed.destroy_process_group()


def run_fork(work, *args):
    """Call ``work(*args)`` in a fork, as light as it can be.

    Returns:
        Its exit code: 0, 1 after an exception, minus the signal that killed.
    """
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work(*args)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def half_made(path):
    """Begin to write a file or folder of the package and be killed."""
    from mmovar.atomic_write import replacing

    with replacing(path) as part:
        part.write_text('half')
        signal.raise_signal(signal.SIGKILL)


def run_processes(work, folder, *args, world=2):
    """Call ``work(rank, *args)`` in each process of a group.

    The processes are forks of a server that has imported the package, so
    only the first call of a session waits for imports.

    Args:
        work: Function of a module, called in the group.
        folder: Empty folder where the processes meet.
        *args: What can be pickled.
        world: Number of processes.

    Returns:
        What ``work`` returns, in the order of ranks.
    """
    multiprocessing.set_forkserver_preload(PRELOAD)
    multiprocessing.start_processes(
        _run,
        (work, folder, args, world),
        nprocs=world,
        start_method='forkserver',
    )
    files = [folder / f'rank{rank}.pt' for rank in range(world)]
    return [torch.load(file) for file in files]


def _run(rank, work, folder, args, world):
    torch.set_num_threads(1)
    lighten()
    gc.freeze()  # as pytest_runtest_setup does
    os.environ['LOCAL_RANK'] = str(rank)  # MMEngine reads it
    with process_group(folder, rank, world):
        torch.save(work(rank, *args), folder / f'rank{rank}.pt')
