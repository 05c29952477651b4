"""Start the tools of this folder from one another."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def share_cores(jobs: int, processes: int = 1) -> None:
    """Let what is started use its share of the cores, unless told otherwise.

    Threads of several trainings that wait for one core slow all of them down
    several times. One alone is left to PyTorch and torchrun.

    Args:
        jobs: How many at a time.
        processes: Of each.
    """
    if jobs > 1:
        threads = max(1, (os.cpu_count() or 1) // (jobs * processes))
        os.environ.setdefault('OMP_NUM_THREADS', str(threads))


def start(
    script: str,
    arguments: Sequence[Any],
    log: Path,
    processes: int = 1,
    partition: str | None = None,
) -> float:
    """Start a tool: by itself, by torchrun or by srun.

    Args:
        script: File in ``tools/``.
        arguments: Of the script.
        log: Takes its output; a Slurm job is named after its folder.
        processes: How many.
        partition: Of Slurm; None for this machine.

    Returns:
        The seconds it took.
    """
    tool = ROOT / 'tools' / script
    if partition:
        per_node = min(processes, int(os.environ.get('GPUS_PER_NODE', 8)))
        begin = [
            *('srun', '-p', partition, '-J', log.parent.name),
            *(f'--gres=gpu:{per_node}', f'--ntasks={processes}'),
            f'--ntasks-per-node={per_node}',
            f'--cpus-per-task={os.environ.get("CPUS_PER_TASK", 5)}',
            f'--export=ALL,MASTER_PORT={random.randint(12000, 32000)}',
            *('--kill-on-bad-exit=1', sys.executable, '-u', tool),
        ]
        return call([*begin, *arguments, '--launcher', 'slurm'], log)
    begin = [sys.executable, tool]
    if processes > 1:  # dist_run.sh names the launcher itself
        begin = ['bash', ROOT / 'tools' / 'dist_run.sh', script, processes]
    return call([*begin, *arguments], log)


def call(command: Sequence[Any], log: Path) -> float:
    """Run a command, log its output, return the seconds it took.

    Raises:
        SystemExit: If it fails.
    """
    print(f'{" ".join(map(str, command))} > {log}', flush=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    paths = [str(ROOT), os.environ.get('PYTHONPATH', '')]
    env = dict(
        os.environ,
        PYTHONPATH=os.pathsep.join(filter(None, paths)),
        PYTHON=sys.executable,
    )
    start = time.perf_counter()
    with open(log, 'a') as file:  # another process may still write there
        code = subprocess.run(
            [str(word) for word in command], stdout=file, stderr=file, env=env
        ).returncode
    if code:
        raise SystemExit(f'failed with exit code {code}, see {log}')
    seconds = time.perf_counter() - start
    print(f'  {seconds:.0f} s', flush=True)
    return seconds
