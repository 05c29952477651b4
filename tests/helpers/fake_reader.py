"""A reader of videos that does what the name of the file says."""

import os
import signal
import time

import numpy as np

from mmovar.datasets.io.open_video import open_video as real_open_video

FRAMES = 5


def open_video(path, decoder, timeout):
    """Open ``good.mp4``, or crash as ``crash_open.mp4`` asks for, ..."""
    assert (decoder, timeout) == ('pyav', 0)
    return FakeVideo(os.path.basename(path))


def crash(path, decoder, timeout):
    """Crash on ``3.mp4``, as decoders do on some files; read all others."""
    if os.path.basename(path) == '3.mp4':
        os.kill(os.getpid(), signal.SIGSEGV)
    return real_open_video(path, decoder, timeout)


class FakeVideo:
    """Five frames of 4 x 6 pixels, frame t of value t."""

    fps, width, height, hidden = 25.0, 6, 4, 0

    def __init__(self, name):
        self._name, self.damage = name, ''
        self._do('open')

    def __len__(self):
        return FRAMES

    def read(self, indices):
        self._do('read')
        self.damage = f'{len(indices)} frames were read'
        return [np.full((4, 6, 3), index, np.uint8) for index in indices]

    def _do(self, when):
        what, _, then = self._name.partition('.')[0].partition('_')
        if then != when:
            return
        if what == 'crash':
            os.kill(os.getpid(), signal.SIGSEGV)
        elif what == 'sleep':
            time.sleep(1000)
        elif what == 'spin':
            while True:
                pass
        elif what == 'kill':
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == 'exit':
            os._exit(3)
        elif what == 'raise':
            raise OSError(f'{self._name} has no video stream')
        elif what == 'bug':
            raise KeyError('a mistake of the program')
        elif what == 'pid':
            raise OSError(str(os.getpid()))
