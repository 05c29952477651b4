"""What all tools share: ``--debug``, and one line for an error.

A tool ends with 0 when all is done, with 1 when it is done and found
something (a video that cannot be read, a wrong label), with 2 after an error
of its user, as argparse does, with 70 after an error of the program, and with
130 after Ctrl-C.
"""

import argparse
import logging
import os
import select
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from .error_lines import error_line

USER_ERROR, PROGRAM_ERROR, INTERRUPTED, BROKEN_PIPE = 2, 70, 130, 141


class ArgumentParser(argparse.ArgumentParser):
    """A parser that knows ``--debug``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_argument(
            '--debug',
            action='store_true',
            help='show where an error comes from',
        )


def run(main: Callable[[], Any]) -> NoReturn:
    """Run a tool and end the process; errors are one line on stderr.

    ``--debug`` shows the whole traceback before it. The log file of a run
    always gets it.

    Args:
        main: Its ``int`` is the exit code; any other value is 0.
    """
    code: str | int | None
    try:
        result = main()
        code = result if isinstance(result, int) else 0
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as end:
        code = end.code
    except Exception as error:
        code = BROKEN_PIPE if _nobody_reads(error) else report(error)
    if isinstance(code, str):
        sys.stderr.write(f'error: {code}\n')
        code = USER_ERROR
    sys.exit(code if isinstance(code, int) else 0)


def report(error: Exception) -> int:
    """Tell an error to the user and to the log; return the exit code."""
    line, expected = error_line(error)
    text = ''.join(traceback.format_exception(error))
    files = _log(text)
    rank = os.environ.get('RANK')
    unseen = not (expected or files) and rank not in (None, '0')
    if '--debug' in sys.argv or unseen:
        sys.stderr.write(text)
    elif files:
        line += f' (traceback: {files[0]})'
    elif not expected:
        line += ' (--debug shows where)'
    where = f'rank {rank}: ' if rank is not None else ''
    sys.stderr.write(f'error: {where}{line}\n')
    return USER_ERROR if expected else PROGRAM_ERROR


def _log(text: str) -> list[str]:
    """Write into the log files of a run, if there is one; return them."""
    if 'mmengine.logging' not in sys.modules:
        return []
    from mmengine.logging import MMLogger

    handlers = [
        handler
        for name in list(MMLogger._instance_dict)
        for handler in MMLogger.get_instance(name).handlers
        if isinstance(handler, logging.FileHandler)
    ]
    record = logging.LogRecord(
        'mmengine', logging.ERROR, '', 0, text, None, None
    )
    for handler in handlers:
        handler.handle(record)
        handler.flush()
    return [handler.baseFilename for handler in handlers]


def _nobody_reads(error: Exception) -> bool:
    """Tell the end of ``tool | head`` from other broken pipes."""
    if not isinstance(error, BrokenPipeError):
        return False
    poll = select.poll()
    poll.register(sys.stdout)
    closed = any(event & select.POLLERR for _, event in poll.poll(0))
    if closed:  # what is left is dropped without a complaint
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return closed
