"""Processes that die at a moment that a test chooses."""

import os
import resource
import signal
import sys


def die_at(moment, file, nth=1, size=100):
    """Let this process die when it writes a file.

    Python tells what it opens and renames, so this knows nothing of who
    writes, or whether it does so under another name first.

    Args:
        moment: ``before`` a byte of it is written, at ``half`` (``size``
            bytes are) or when it is ``complete`` but not renamed.
        file: Name of the file.
        nth: Which time it is written.
        size: See ``moment``.
    """
    seen = 0

    def watch(event, arguments):
        nonlocal seen
        if event == 'open' and _writes(*arguments, file):
            seen += 1
            if seen == nth and moment == 'before':
                os._exit(9)
            if seen == nth and moment == 'half':
                limit_files(size, signal.SIG_DFL)
        elif event == 'os.rename' and (moment, seen) == ('complete', nth):
            name = os.path.basename(arguments[1])
            os._exit(9) if name == file else None

    sys.addaudithook(watch)


def limit_files(size, reaction=signal.SIG_IGN):
    """Let files grow to so many bytes; then it is an error, or a signal."""
    signal.signal(signal.SIGXFSZ, reaction)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def _writes(path, mode, flags, file):
    if not isinstance(path, (str, os.PathLike)):
        return False
    writes = 'w' in mode if isinstance(mode, str) else flags & os.O_CREAT
    return writes and os.path.basename(path) == file
