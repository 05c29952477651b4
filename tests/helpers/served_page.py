"""The demo page in a process of its own, asked over HTTP."""

import json
import socket
import time
from contextlib import contextmanager
from multiprocessing import get_context

import httpx

from mmovar.demo import Demo, Limits, serve

from .pretender import Pretender

FORKS = get_context('forkserver')
API = '/gradio_api'


class ServedPage:
    """A page that a process shows, and a client of it."""

    def __init__(self, process, url):
        self.process, self.url = process, url
        self.port = int(url.rstrip('/').rpartition(':')[2])
        self.client = httpx.Client(base_url=url, timeout=60)

    def upload(self, content, **headers):
        return self.client.post(
            f'{API}/upload',
            files=dict(files=('clip.mp4', content)),
            headers=headers,
        )

    def begin_upload(self):
        """Send half a file; return the connection."""
        part = b'--x\r\nContent-Disposition: form-data; name="files"; '
        part += b'filename="half.mp4"\r\n\r\n' + bytes(20000)
        head = (
            f'POST {API}/upload HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n'
            'Content-Type: multipart/form-data; boundary=x\r\n'
            'Content-Length: 40000\r\n\r\n'
        )
        connection = socket.create_connection(('127.0.0.1', self.port))
        connection.sendall(head.encode() + part)
        return connection

    def join(self, video, labels, session):
        """Put a question into the queue."""
        file = dict(path=video, meta=dict(_type='gradio.FileData'))
        question = [file, labels, '', ['A'], 1]
        return self.client.post(
            f'{API}/queue/join',
            json=dict(data=question, fn_index=0, session_hash=session),
        )

    def answer(self, session):
        """Wait for the answer of a question, what is said."""
        path = f'{API}/queue/data?session_hash={session}'
        with self.client.stream('GET', path) as response:
            for line in response.iter_lines():
                message = json.loads(line.removeprefix('data: ') or '{}')
                if message.get('msg') == 'process_completed':
                    return message['output']['data'][0]


@contextmanager
def served_page(folder, **questions):
    """Show the page for a while."""
    FORKS.set_forkserver_preload(['mmovar.demo', 'gradio', 'av', 'uvicorn'])
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=_serve, args=(folder, theirs, questions))
    process.start()
    try:
        assert ours.poll(120), 'the page did not start'
        yield ServedPage(process, ours.recv())
    finally:
        process.kill()
        process.join()


def _serve(folder, pipe, questions):
    limits = Limits(megabytes=0.5, total_megabytes=1, **questions)
    demo = Demo(dict(A=Pretender()), limits)
    serve(demo, folder, port=0, announce=pipe.send)


def wait_until(true, seconds=30):
    """Wait until a condition holds; fail if it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, 'waited in vain'
        time.sleep(0.05)
