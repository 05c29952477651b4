"""Ranks that end with torchrun, however it ends."""

import ctypes
import signal
import sys

from torch.distributed import is_torchelastic_launched

_PR_SET_PDEATHSIG = 1


def end_with_agent() -> None:
    """Have Linux kill this rank when the agent that started it dies.

    A killed agent cannot end its ranks, and they would train on beside those
    of the next start. The agent holds the store that the ranks meet at, so
    one that died before this call is noticed when they join their group.
    Without torchrun, and elsewhere than on Linux, nothing happens.
    """
    if sys.platform == 'linux' and is_torchelastic_launched():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
