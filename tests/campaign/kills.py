"""Kill what is running, give the same command again, compare the files."""

import hashlib
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .outcome import Outcome
from .process import End, draw, run

WATCHED = (
    *('torch:save', 'os:replace', 'os:fsync'),
    'mmengine.runner.loops:ValLoop.run_iter',
    'mmengine.hooks:CheckpointHook._save_best_checkpoint',
)
"""Where a run is killed, beside moments in time."""

_PASSING = ('time', 'data_time', 'memory')
_OF_A_RUN = ('cfg', 'eta', 'experiment_name', 'last_ckpt')


@dataclass(frozen=True)
class Job:
    """A command that can be given again.

    Attributes:
        name: What it does.
        prepare: Writes what it reads to a folder that all its runs share.
        command: Of the shared folder and the one of a run, in which it runs.
        results: Folders and files, in the one of a run, that must be equal.
    """

    name: str
    prepare: Callable[[Path], Any]
    command: Callable[[Path, Path], Callable[[], object]]
    results: tuple[str, ...]


def kill_job(
    job: Job, folder: Path, rng: random.Random, count: int
) -> Iterator[Outcome]:
    """Kill a job some times, and go on each time."""
    shared = folder / 'shared'
    shared.mkdir(parents=True)
    written = run(lambda: job.prepare(shared), shared)
    if written.code:
        raise RuntimeError(f'{job.name} cannot begin:\n{written.log}')
    whole = _run(job, shared, folder / 'whole')
    if whole.code:
        raise RuntimeError(f'{job.name} fails by itself:\n{whole.log}')
    expected = content(folder / 'whole', job.results)
    for number in range(count):
        place = folder / f'kill{number}'
        while True:  # a drawn moment in time may be too late
            moment = draw(rng, whole, WATCHED)
            killed = _run(job, shared, place, kill=moment)
            if killed.code == -signal.SIGKILL:
                break
            shutil.rmtree(place)
        again = _run(job, shared, place)
        if again.code:
            found = f'exit code {again.code}: {_last_line(again.log)}'
        else:
            found = difference(expected, content(place, job.results))
        verdict = 'differs' if found else 'equal'
        yield Outcome('kills', job.name, verdict, f'{moment}: {found}')
        if not found:
            shutil.rmtree(place)


def _run(job: Job, shared: Path, place: Path, **options: Any) -> End:
    place.mkdir(exist_ok=True)
    command = job.command(shared, place)
    return run(command, place, WATCHED, **options)


def _last_line(log: str) -> str:
    lines = log.strip().splitlines() or ['']
    return next((line for line in lines if 'error: ' in line), lines[-1])


def content(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what files hold that a run leaves, by name."""
    files = [
        file
        for name in names
        for path in folder.glob(name)
        for file in (sorted(path.rglob('*')) if path.is_dir() else [path])
        if file.is_file() and not _is_log(file.relative_to(folder))
    ]
    return {str(f.relative_to(folder)): _content(f) for f in files}


def _is_log(path: Path) -> bool:
    """Tell what says when a run was made, not what it made."""
    return (
        path.suffix in ('.log', '.py')
        or 'vis_data' in path.parts
        or path.name.endswith('.lock')
    )


def _content(file: Path) -> Any:
    if file.suffix in ('.pth', '.pt'):
        return _lasting(torch.load(file, weights_only=False))
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _lasting(checkpoint: Any) -> Any:
    """Drop times and memory of a checkpoint, and where it was made."""
    if not isinstance(checkpoint, dict) or 'meta' not in checkpoint:
        return checkpoint
    meta, hub = checkpoint['meta'], checkpoint.get('message_hub', {})
    info = hub.get('runtime_info', {})
    return dict(
        checkpoint,
        meta={key: meta.get(key) for key in ('epoch', 'iter', 'dataset_meta')},
        message_hub=dict(
            scalars={
                name: (buffer._log_history, buffer._count_history)
                for name, buffer in hub.get('log_scalars', {}).items()
                if not name.rpartition('/')[2].startswith(_PASSING)
            },
            info={
                key: Path(value).name if isinstance(value, str) else value
                for key, value in info.items()
                if key not in _OF_A_RUN
            },
        ),
    )


def difference(expected: Any, found: Any, place: str = '') -> str:
    """Name the first place where two contents differ, '' if none."""
    if isinstance(expected, torch.Tensor):
        same = (
            isinstance(found, torch.Tensor)
            and expected.dtype == found.dtype
            and torch.equal(expected, found)
        )
        return '' if same else place
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            odd = sorted(map(str, expected.keys() ^ found.keys()))
            return f'{place}: only in one run: {", ".join(odd[:4])}'
        pairs = [(str(k), expected[k], found[k]) for k in expected]
    elif isinstance(expected, (list, tuple)) and len(expected) == len(found):
        pairs = [
            (str(i), *pair)
            for i, pair in enumerate(zip(expected, found, strict=True))
        ]
    elif hasattr(expected, 'tobytes'):
        return '' if expected.tobytes() == found.tobytes() else place
    else:
        return '' if expected == found else f'{place}: {expected!r} {found!r}'
    below = (difference(e, f, f'{place}/{name}') for name, e, f in pairs)
    return next(filter(None, below), '')
