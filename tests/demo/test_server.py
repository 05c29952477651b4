"""Uploads die with the page, however it ends."""

import os
import signal

import pytest

from helpers.served_page import served_page, wait_until
from mmovar.demo.server import serve

pytest.importorskip('gradio')


def names(folder):
    found = folder.glob('page_*/uploads/**/*')
    return sorted(path.name for path in found if path.is_file())


@pytest.mark.parametrize(
    ('number', 'code'),
    [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 143)],
)
def test_uploads_die_with_the_page(tmp_path, number, code):
    with served_page(tmp_path) as page:
        assert page.upload(b'whole').status_code == 200
        with page.begin_upload():
            wait_until(lambda: len(names(tmp_path)) == 2)
            os.kill(page.process.pid, number)
            page.process.join(60)
        assert page.process.exitcode == code
    assert not [path for path in tmp_path.rglob('*') if path.is_file()]
    assert not list(tmp_path.glob('page_*'))


def test_uploads_of_a_killed_page_die_when_the_next_one_starts(tmp_path):
    (tmp_path / 'page_of_mine.txt').write_text('stays')
    with served_page(tmp_path) as killed, served_page(tmp_path) as alive:
        killed.upload(b'dead')
        alive.upload(b'kept')
        killed.process.kill()
        killed.process.join()
        assert names(tmp_path) == ['clip.mp4', 'clip.mp4']
        with served_page(tmp_path):
            (left,) = tmp_path.glob('page_*/uploads/*/clip.mp4')
            assert left.read_bytes() == b'kept'
            assert alive.client.get('/').status_code == 200
    assert (tmp_path / 'page_of_mine.txt').is_file()


def test_a_taken_port_is_told(tmp_path):
    with (
        served_page(tmp_path) as page,
        pytest.raises(OSError, match=rf'127.0.0.1:{page.port}: .* in use'),
    ):
        serve(None, tmp_path / 'other', port=page.port)
