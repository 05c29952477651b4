"""One process at a time in a folder."""

import os
import signal
import socket
import time

import pytest

from helpers.processes import run_fork
from mmovar.one_process import one_process


def hold(folder, end=None):
    with one_process(folder, 'training'):
        if end is not None:
            signal.raise_signal(end)


def refused(folder):
    with (
        pytest.raises(RuntimeError) as error,
        one_process(folder, 'training'),
    ):
        pass
    (folder / 'message').write_text(str(error.value))


def test_another_process_is_refused_and_told_who_it_is(tmp_path):
    folder = tmp_path / 'run'
    with one_process(folder, 'training'):
        assert run_fork(refused, folder) == 0
        with one_process(folder, 'other task'):
            assert run_fork(refused, folder) == 0
    host = socket.gethostname()
    assert (folder / 'message').read_text() == (
        f'{folder} is in use for training by PID {os.getpid()} on {host}; '
        'let it end or end it, or choose another folder'
    )
    assert run_fork(hold, folder) == 0


def test_a_killed_process_does_not_block_the_next(tmp_path):
    assert run_fork(hold, tmp_path, signal.SIGKILL) == -signal.SIGKILL
    assert run_fork(hold, tmp_path) == 0


def test_a_worker_that_outlives_the_process_does_not_block(tmp_path):
    def fork_worker():
        with one_process(tmp_path, 'training'):
            worker = os.fork()
            if not worker:
                time.sleep(30)
                os._exit(0)
            (tmp_path / 'worker').write_text(str(worker))
            signal.raise_signal(signal.SIGKILL)

    assert run_fork(fork_worker) == -signal.SIGKILL
    assert run_fork(hold, tmp_path) == 0
    os.kill(int((tmp_path / 'worker').read_text()), signal.SIGKILL)


def test_who_waits_goes_on_when_the_other_ends(tmp_path):
    def wait():
        with one_process(tmp_path, 'training', wait=True):
            (tmp_path / 'waited').write_text(
                str((tmp_path / 'done').is_file())
            )

    with one_process(tmp_path, 'training'):
        pid = os.fork()
        if not pid:
            wait()
            os._exit(0)
        time.sleep(0.1)
        assert not (tmp_path / 'waited').exists()
        (tmp_path / 'done').write_text('')
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (tmp_path / 'waited').read_text() == 'True'


def test_a_file_system_without_locks_is_told(tmp_path, monkeypatch):
    def no_locks(file, how):
        raise OSError(37, 'No locks available')

    monkeypatch.setattr('mmovar.one_process.fcntl.lockf', no_locks)
    with (
        pytest.warns(UserWarning, match='training.lock cannot be locked'),
        one_process(tmp_path, 'training'),
    ):
        pass
