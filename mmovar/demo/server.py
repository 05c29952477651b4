"""The demo page is served, and leaves nothing behind."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from mmovar.atomic_write import held_folder

from .demo import Demo
from .page import page_app


def serve(
    demo: Demo,
    folder: str | Path,
    labels: str = '',
    host: str = '127.0.0.1',
    port: int = 7860,
    announce: Callable[[str], None] = lambda url: None,
    allowed: Iterable[str] = (),
) -> None:
    """Show the page until Ctrl-C; call it in the main thread.

    The page loads nothing from other hosts: its headers forbid it. Uploads
    are deleted after a day and when the page ends, by Ctrl-C, SIGTERM or
    SIGHUP; those of pages that were killed when the next one starts.

    Args:
        demo: What answers.
        folder: The only place that is written to; it is made. Pages that run
            at once may share it.
        labels: To begin with, one a line.
        host: Address to listen at. The default cannot be reached from other
            machines.
        port: Port to listen at; 0 for the first free one from 7860 on.
        announce: Called with the address of the page when it is there.
        allowed: Names that the page may be called by, see
            :class:`mmovar.demo.own_address.OwnAddressOnly`.

    Raises:
        OSError: If the port is taken.
        SystemExit: With 143, on SIGTERM or SIGHUP.
    """
    with (
        _ended_by_signals(),
        _listening(host, port) as listener,
        held_folder('page_', Path(folder).resolve()) as own,
    ):
        write_only_to(folder, own)
        import uvicorn

        from .own_address import in_url

        app = page_app(demo, own / 'uploads', labels, host, allowed)
        config = uvicorn.Config(
            app, log_level='warning', timeout_graceful_shutdown=2
        )
        name = 'localhost' if host == '0.0.0.0' else in_url(host)
        announce(f'http://{name}:{listener.getsockname()[1]}/')
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listener])


def write_only_to(folder: str | Path, own: Path) -> None:
    """Point Gradio and all that it uses to one folder, and keep it offline.

    Must be called before Gradio is imported.

    Args:
        folder: For what may stay.
        own: For what is of this process only.
    """
    folder = Path(folder).resolve()
    for name in ('tmp', 'uploads'):
        (own / name).mkdir()
    tempfile.tempdir = str(own / 'tmp')
    os.environ.update(
        GRADIO_TEMP_DIR=str(own / 'uploads'),
        GRADIO_EXAMPLES_CACHE=str(own / 'examples'),
        GRADIO_ANALYTICS_ENABLED='False',
        HF_HUB_OFFLINE='1',
        HF_HOME=str(folder / 'huggingface'),
        MPLCONFIGDIR=str(folder / 'matplotlib'),
        TMPDIR=str(own / 'tmp'),
    )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Leave the block on SIGTERM and SIGHUP, as Ctrl-C does."""

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    def terminate(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, leave)}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, terminate)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listening(host: str, port: int) -> socket.socket:
    """Listen at a port, or at the first free one from 7860 on."""
    address = host.strip('[]')
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    for number in [port] if port else range(7860, 7960):
        try:
            return socket.create_server((address, number), family=family)
        except OSError as error:
            refusal = error
    raise OSError(f'cannot listen at {host}:{port}: {refusal}') from refusal
