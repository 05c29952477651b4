"""The process that decodes videos; :mod:`.guarded_video` starts this file.

It imports neither torch nor MMEngine, so it starts in a fraction of a second
and never touches a GPU. It ends when the process that asks it ends.
"""

import fcntl
import importlib
import json
import os
import resource
import signal
import socket
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

PATIENCE = 4
"""Seconds by the clock for each second of processor time of the limit."""

FACTS = ('fps', 'width', 'height', 'hidden', 'damage')
"""Attributes of a video that the asker gets."""

_SAME_ERROR = (
    *('FileNotFoundError', 'IsADirectoryError', 'PermissionError'),
    *('ImportError', 'ModuleNotFoundError', 'IndexError', 'ValueError'),
)


class _Limit:
    """Let the kernel end this process: too slow, or nobody is waiting.

    Signals do not depend on what the decoder does, such as never coming back
    to Python. Processor time counts, since a busy machine is no broken video;
    for a decoder that sleeps, the clock does.
    """

    def __init__(self, seconds: float, asker: socket.socket) -> None:
        self._seconds, self._asker = seconds, asker

    def __enter__(self) -> None:
        self._set(self._seconds, os.O_ASYNC)  # SIGIO when the asker ends

    def __exit__(self, *error: object) -> None:
        self._set(0, 0)

    def _set(self, seconds: float, asynchronous: int) -> None:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
        fcntl.fcntl(self._asker, fcntl.F_SETFL, asynchronous)


def import_by_name(name: str) -> Any:
    """Import ``'package.module:attribute'`` without mmovar's registrations.

    ``import mmovar`` takes seconds; here its packages are bare folders.
    """
    root = Path(__file__).resolve().parents[2]
    for package in ('mmovar', 'mmovar.datasets'):
        module = types.ModuleType(package)
        module.__path__ = [str(root.parent.joinpath(*package.split('.')))]
        sys.modules[package] = module
    module_name, _, attribute = name.partition(':')
    return getattr(importlib.import_module(module_name), attribute)


def _describe(error: Exception, unreadable: bool) -> dict[str, str]:
    """Say in JSON which error the asker is to raise."""
    name = type(error).__name__
    text = ' '.join(str(error).split()) or name
    if name in _SAME_ERROR:
        return dict(error=name, text=text)
    if unreadable or isinstance(error, MemoryError):
        return dict(error='OSError', text=text)
    return dict(error='RuntimeError', text=f'{name}: {text}')


class _Decoder:
    """Videos that are open."""

    def __init__(self, open_video: Callable[..., Any]) -> None:
        self._open_video = open_video
        self._videos: dict[int, Any] = {}

    def answer(
        self, request: dict[str, Any]
    ) -> tuple[dict[str, Any], list[np.ndarray]]:
        """Open a video, read its ``indices`` if there are any."""
        for key in set(self._videos) - set(request['alive']):
            del self._videos[key]
        key, indices = request['key'], request['indices']
        if key not in self._videos:
            self._videos[key] = self._open_video(
                request['path'],
                request['decoder'],
                timeout=0,
                **request['limits'],
            )
        video = self._videos[key]
        frames = [] if indices is None else video.read(indices)
        facts = {name: getattr(video, name) for name in FACTS}
        shapes = [frame.shape for frame in frames]
        return dict(facts=facts, length=len(video), shapes=shapes), frames


def _write(memory: int, frames: Sequence[np.ndarray]) -> None:
    """Write frames to a file of memory, one behind the other."""
    end = 0
    for frame in frames:
        end += os.pwrite(memory, np.ascontiguousarray(frame).data, end)


def main() -> None:
    """Answer requests from the socket that is standard input.

    Frames are left in the memory file whose number is the last argument.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: the asker decides
    decoder, memory = _Decoder(import_by_name(sys.argv[1])), int(sys.argv[2])
    is_unreadable = import_by_name(
        'mmovar.datasets.io.unreadable:is_unreadable'
    )
    with socket.socket(fileno=0) as asker:
        fcntl.fcntl(asker, fcntl.F_SETOWN, os.getpid())
        asker.sendall(b'ready\n')
        for line in asker.makefile('rb'):
            request = json.loads(line)
            frames: list[np.ndarray] = []
            with _Limit(request['seconds'], asker):
                try:
                    reply, frames = decoder.answer(request)
                except Exception as error:
                    reply = _describe(error, is_unreadable(error))
            _write(memory, frames)
            frames = []
            try:
                asker.sendall(json.dumps(reply).encode() + b'\n')
            except OSError:  # it ended
                return


if __name__ == '__main__':
    main()
