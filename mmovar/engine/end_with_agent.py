"""Ranks that end with torchrun, however it ends."""

import ctypes
import os
import signal
import socket
import sys

from torch.distributed import is_torchelastic_launched

_PR_SET_PDEATHSIG = 1


def end_with_agent() -> None:
    """Have Linux kill this rank when the agent that started it dies.

    A killed agent cannot end its ranks, and they would train on beside those
    of the next start, or keep it from the work dir. The agent has the store
    that ranks meet at; if nobody answers there, it died before this call.
    Without torchrun, and elsewhere than on Linux, nothing happens.

    Raises:
        RuntimeError: If the agent has ended.
    """
    if sys.platform != 'linux' or not is_torchelastic_launched():
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.get('TORCHELASTIC_USE_AGENT_STORE') == 'True':
        place = os.environ['MASTER_ADDR'], int(os.environ['MASTER_PORT'])
        try:
            socket.create_connection(place, timeout=60).close()
        except OSError as error:
            raise RuntimeError(
                f'torchrun, which started this rank, has ended: {error}'
            ) from error
