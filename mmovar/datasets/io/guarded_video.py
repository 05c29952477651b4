"""Videos that are decoded in another process, which may crash or hang."""

import builtins
import itertools
import json
import math
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import decoder_child

READER = 'mmovar.datasets.io.open_video:open_video'
"""What the other process opens videos with, called with ``timeout=0``."""

_KEPT_BYTES = 32 * 2**20
"""Memory that frames pass through and that is not given back in between."""

_TOO_SLOW = (signal.SIGPROF, signal.SIGALRM)


class DecoderError(OSError):
    """The decoder crashed on a video, or did not come to an end."""


class GuardedVideo:
    """Frames of a video file, decoded in a process of its own.

    A crash or hang of the decoder is an error of this video, no more. Each
    process that reads videos has one such process, which stays for the next
    video; as many as there are threads that read at the same time.

    Args:
        path: The file.
        decoder: See :func:`open_video`.
        timeout: Seconds of processor time that opening, or one call of
            :meth:`read`, may take, > 0; four times as many by the clock.
            None: 30 s, and 2 s for each megabyte of the file.
        max_pixels: See :func:`open_video`.

    Raises:
        DecoderError: If the decoder crashes or takes too long.
        OSError: If the file cannot be read.
        ValueError: If ``timeout`` is not above 0, or pictures are too large.
    """

    fps: float | None
    width: int
    height: int
    hidden: int
    damage: str

    def __init__(
        self,
        path: str | os.PathLike,
        decoder: str = 'pyav',
        timeout: float | None = None,
        max_pixels: int | None = None,
    ) -> None:
        if timeout is not None and not timeout > 0:
            raise ValueError(f'timeout must be above 0, got {timeout}')
        self._seconds = timeout or _time_limit(path)
        self._path, self._decoder = os.path.abspath(path), decoder
        self._limits = {} if max_pixels is None else {'max_pixels': max_pixels}
        self._key = next(_keys)
        _alive.add(self._key)
        weakref.finalize(self, _alive.discard, self._key)
        self._ask(None)

    def __len__(self) -> int:
        return self._length

    def read(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Read frames, RGB uint8 (H, W, 3).

        Raises:
            DecoderError: If the decoder crashes or takes too long.
            OSError: If a frame cannot be decoded.
        """
        return self._ask([int(index) for index in indices])

    def _ask(self, indices: list[int] | None) -> list[np.ndarray]:
        request = dict(
            key=self._key,
            alive=list(_alive),
            path=self._path,
            decoder=self._decoder,
            indices=indices,
            limits=self._limits,
            seconds=self._seconds,
        )
        process = _take()
        try:
            reply, frames = process.ask(request)
        except EOFError:
            raise DecoderError(self._end(process.stop())) from None
        except BaseException:  # its answer would be taken for the next one's
            process.stop()
            raise
        _idle.append(process)
        if 'error' in reply:
            raise getattr(builtins, reply['error'])(reply['text'])
        self._length: int = reply['length']
        vars(self).update(reply['facts'])
        return frames

    def _end(self, code: int) -> str:
        """Say how the process ended."""
        if -code in _TOO_SLOW:
            return (
                f'{self._path}: decoding takes more than {self._seconds:g} s '
                'and was stopped'
            )
        how = signal.strsignal(-code) if code < 0 else f'exit code {code}'
        memory = ', out of memory?' if -code == signal.SIGKILL else ''
        return f'{self._path}: the decoder crashed ({how}{memory})'


def _time_limit(path: str | os.PathLike) -> float:
    try:
        size = os.path.getsize(path)
    except (OSError, ValueError):  # the reader says what is wrong with it
        size = 0
    return 30 + 2 * (size // 2**20)


class _Process:
    """A running :mod:`.decoder_child`.

    It is a new program, not a fork: forks of processes with threads or CUDA
    are not safe, and hold all their files open.
    """

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._memory = os.memfd_create('frames')
        single = dict.fromkeys(
            ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'), '1'
        )
        paths = os.pathsep.join(filter(None, sys.path))
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, '-SP', decoder_child.__file__),
                    *(READER, str(self._memory)),
                ],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                pass_fds=[self._memory],
                env={**os.environ, **single, 'PYTHONPATH': paths},
            )
        self._replies = self._socket.makefile('rb')
        if not self._replies.readline():
            raise RuntimeError(
                f'the decoder process ended at once, {self.process.wait()}'
            )

    def ask(
        self, request: dict[str, Any]
    ) -> tuple[dict[str, Any], list[np.ndarray]]:
        """Send a request, return the reply and its frames.

        Raises:
            EOFError: If the process ends.
        """
        try:
            self._socket.sendall(json.dumps(request).encode() + b'\n')
            line = self._replies.readline()
        except OSError:
            raise EOFError from None
        if not line.endswith(b'\n'):
            raise EOFError
        reply, end = json.loads(line), 0
        shapes = reply.get('shapes', ())
        # One allocation: malloc hands out new pages for each of several.
        room = np.empty(sum(map(math.prod, shapes)), np.uint8)
        frames = []
        for shape in shapes:
            start, end = end, end + math.prod(shape)
            frames.append(room[start:end].reshape(shape))
            os.preadv(self._memory, [frames[-1].data], start)
        if end > _KEPT_BYTES:
            os.ftruncate(self._memory, 0)
        return reply, frames

    def stop(self) -> int:
        """End it; return how it ended, if it did so by itself."""
        self.close()
        try:
            return self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def close(self) -> None:
        """Let go of it, which ends it."""
        self._replies.close()
        self._socket.close()
        os.close(self._memory)


_keys = itertools.count()
_alive: set[int] = set()
_idle: list[_Process] = []


def _take() -> _Process:
    """Return a process that runs and has nothing to do."""
    while True:
        try:
            process = _idle.pop()
        except IndexError:
            return _Process()
        if process.process.poll() is None:
            return process


def _forget() -> None:
    """Leave the processes to the parent, in a process that was forked."""
    while _idle:
        process = _idle.pop()
        process.process.returncode = 0  # it is none of ours to wait for
        process.close()


os.register_at_fork(after_in_child=_forget)
