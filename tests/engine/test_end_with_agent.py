"""Ranks end with the process that started them."""

import os
import signal
import socket
import sys

import pytest

from mmovar.engine.end_with_agent import end_with_agent

pytestmark = pytest.mark.skipif(
    sys.platform != 'linux', reason='only Linux tells a child'
)


@pytest.mark.parametrize('torchrun', [True, False])
def test_a_rank_of_torchrun_is_killed_with_its_agent(monkeypatch, torchrun):
    if torchrun:
        monkeypatch.setenv('TORCHELASTIC_RUN_ID', 'none')
    else:
        monkeypatch.delenv('TORCHELASTIC_RUN_ID', raising=False)
    out, inside = os.pipe()  # closed when nobody is left that can write
    pid = os.fork()
    if not pid:
        os.close(out)
        rank = os.fork()
        if not rank:
            end_with_agent()
            os.write(inside, os.getpid().to_bytes(4, 'big'))
            signal.pause()
        signal.pause()
    os.close(inside)
    rank = int.from_bytes(os.read(out, 4), 'big')
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.set_blocking(out, torchrun)
    if torchrun:
        assert os.read(out, 1) == b''
    else:
        with pytest.raises(BlockingIOError):
            os.read(out, 1)
        os.kill(rank, signal.SIGKILL)
    os.close(out)


def test_a_rank_whose_agent_has_ended_does_not_begin(monkeypatch):
    """It must not keep the next start from the work dir."""
    with socket.create_server(('127.0.0.1', 0)) as store:
        for name, value in dict(
            TORCHELASTIC_RUN_ID='none',
            TORCHELASTIC_USE_AGENT_STORE='True',
            MASTER_ADDR='127.0.0.1',
            MASTER_PORT=str(store.getsockname()[1]),
        ).items():
            monkeypatch.setenv(name, value)
        pid = os.fork()
        if not pid:
            end_with_agent()  # somebody answers
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    pid = os.fork()
    if not pid:
        try:
            end_with_agent()
        except RuntimeError as error:
            os._exit('torchrun, which started' in str(error))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
