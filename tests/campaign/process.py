"""Run a command in a forked process, and kill it at a drawn moment."""

import contextlib
import gc
import io
import json
import os
import pkgutil
import random
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

REPO = Path(__file__).resolve().parents[2]
_SAVE = torch.save


@dataclass(frozen=True)
class Moment:
    """When a process is killed with all that it started.

    Attributes:
        where: A function, ``module:name``, or '' for a moment in time.
        at: Its how manyth call, from 1; or seconds.
        when: 'before' or 'after' the call, or 'half': a file is half written.
    """

    where: str
    at: float
    when: str = 'before'

    def __str__(self) -> str:
        if not self.where:
            return f'after {self.at:.2f} s'
        return f'{self.when} call {self.at} of {self.where}'


@dataclass(frozen=True)
class End:
    """How a process ended.

    Attributes:
        code: Exit code; minus the signal that killed it.
        seconds: It took.
        calls: How often each watched function was called.
        log: What it wrote.
    """

    code: int
    seconds: float
    calls: dict[str, int]
    log: str


def tool(script: str, *argv: str | Path) -> Callable[[], None]:
    """Return what runs a script of ``tools/`` as the command line does."""

    def run() -> None:
        path = REPO / 'tools' / script
        sys.argv = [str(path), *map(str, argv)]
        sys.path.insert(0, str(path.parent))
        runpy.run_path(str(path), run_name='__main__')

    return run


def run(
    command: Callable[[], object],
    folder: Path,
    watched: tuple[str, ...] = (),
    kill: Moment | None = None,
    limit: float = 300,
) -> End:
    """Call a function in a forked process whose output goes to a file.

    Args:
        command: What to call, in ``folder``.
        folder: Takes ``log.txt``.
        watched: Functions whose calls are counted.
        kill: When to kill the process and its children with SIGKILL.
        limit: Seconds; then it is killed as well.
    """
    log, start = folder / 'log.txt', time.monotonic()
    log.touch()
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        _work(command, folder, watched, kill)
    seconds = kill.at if kill and not kill.where else limit
    while not (done := os.waitpid(pid, os.WNOHANG))[0]:
        if time.monotonic() - start > seconds:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            done = os.waitpid(pid, 0)
            break
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    calls = folder / 'calls.json'
    return End(
        os.waitstatus_to_exitcode(done[1]),
        time.monotonic() - start,
        json.loads(calls.read_text()) if calls.exists() else {},
        log.read_text(errors='replace'),
    )


def _work(
    command: Callable[[], object],
    folder: Path,
    watched: tuple[str, ...],
    kill: Moment | None,
) -> None:
    """Be the process."""
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        file = os.open('log.txt', os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        torch.set_num_threads(1)
        calls = {name: _watch(name, kill) for name in watched}
        command()
        code = 0
        counted = {name: len(each) for name, each in calls.items()}
        (folder / 'calls.json').write_text(json.dumps(counted))
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watch(where: str, kill: Moment | None) -> list[None]:
    """Count the calls of a function, and die at the one that is named."""
    module, _, path = where.partition(':')
    owner = pkgutil.resolve_name(module)
    *parts, name = path.split('.')
    for part in parts:
        owner = getattr(owner, part)
    real, calls = getattr(owner, name), []

    def watched(*args, **kwargs):
        calls.append(None)
        here = kill and kill.where == where and kill.at == len(calls)
        if here and kill.when == 'half':
            _write_half(*args)
        if here and kill.when != 'after':
            os.killpg(0, signal.SIGKILL)
        result = real(*args, **kwargs)
        if here:
            os.killpg(0, signal.SIGKILL)
        return result

    setattr(owner, name, watched)
    return calls


def _write_half(content: object, target: object, *_: object) -> None:
    """Be torch.save when the power fails."""
    whole = io.BytesIO()
    _SAVE(content, whole)
    half = whole.getvalue()[: whole.tell() // 2]
    if isinstance(target, (str, os.PathLike)):
        Path(target).write_bytes(half)
    else:
        target.write(half)
        target.flush()


def draw(rng: random.Random, whole: End, watched: tuple[str, ...]) -> Moment:
    """Draw a moment of a run that is known: half in time, half at a call."""
    called = [name for name in watched if whole.calls.get(name)]
    if not called or rng.random() < 0.4:
        return Moment('', rng.uniform(0.02, 0.98) * whole.seconds)
    where = rng.choice(called)
    when = ['before', 'after', *(['half'] if where == 'torch:save' else [])]
    return Moment(where, rng.randint(1, whole.calls[where]), rng.choice(when))
