"""The demo page in a real browser, without a screen.

It needs a Chromium that is already there: the program that the variable
CHROMIUM names, else the first of those below on the PATH (``apt-get install
chromium``). Playwright's own browsers are not used, so nothing is downloaded.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from helpers import tiny_demo
from mmovar.datasets.io.video_file import write_video
from mmovar.mini.frames import ClipSpec, render_clips
from mmovar.visualization.palette import COLOURS

PROGRAMS = ('chromium', 'chromium-browser', 'google-chrome', 'chrome')
LABELS = ('archery', 'swimming', 'tai chi')


def find_chromium():
    named = os.environ.get('CHROMIUM')
    return named or next(filter(None, map(shutil.which, PROGRAMS)), None)


pytestmark = pytest.mark.skipif(find_chromium() is None, reason='no Chromium')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A folder with the home, the temporary files and what is uploaded."""
    folder = tmp_path_factory.mktemp('demo')
    for name in ('home', 'tmp', 'cwd', 'models', 'videos'):
        (folder / name).mkdir()
    clip = render_clips([ClipSpec(obj=1, motion=0, scene=2, seed=(0,))])[0]
    write_video(folder / 'videos' / 'clip.mp4', clip)
    write_video(folder / 'videos' / 'long.mp4', clip, fps=1)  # 16 s
    (folder / 'videos' / 'bad.mp4').write_bytes(b'no video' * 99)
    (folder / 'videos' / 'large.mp4').write_bytes(bytes(2**19))
    return folder


@pytest.fixture(scope='module')
def server(folder, tiny_arch, repo):
    """Address of the page of two models."""
    models = [
        f'{name}={tiny_demo.write_model(folder / "models", tiny_arch, **kw)}'
        for name, kw in {
            'CLIP': dict(name='clip'),
            'Ours': dict(name='ours', tuned=True),
        }.items()
    ]
    environment = {
        **os.environ,
        'HOME': str(folder / 'home'),
        'TMPDIR': str(folder / 'tmp'),
        'OMP_NUM_THREADS': '1',
        'PYTHONPATH': str(repo),
    }
    command = [
        *(sys.executable, repo / 'tools/demo.py', '--serve'),
        *('--model', *models, '--device', 'cpu', '--folder', 'page'),
        *('--port', '0', '--max-mb', '0.25', '--max-seconds', '10'),
    ]
    log = folder / 'log.txt'
    with log.open('w') as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder / 'cwd',
            env=environment,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
        address = None
        for line in process.stdout:
            if found := re.search(r'open (http://\S+)', line):
                address = found[1]
                break
        assert address, log.read_text()
        yield address
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope='module')
def browser():
    from playwright.sync_api import sync_playwright

    flags = ['--disable-dev-shm-usage']
    if os.geteuid() == 0:
        flags.append('--no-sandbox')  # Chromium has none for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=flags
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, server):
    """The page in a new tab, with the hosts that it asked for."""
    page = browser.new_page(viewport=dict(width=1280, height=900))
    page.set_default_timeout(60_000)
    page.asked = set()
    page.on('request', lambda request: page.asked.add(request.url))
    page.goto(server)
    page.wait_for_selector('#ask')
    yield page
    page.close()


def upload(page, path):
    with page.expect_response(lambda r: 'upload' in r.url and r.ok):
        page.set_input_files('#video input[type=file]', str(path))
    page.locator(f'#video a[href*="{path.name}"]').wait_for()


def ask(page, path, labels=LABELS):
    """Upload a file, type labels, press the button."""
    if path is not None:
        upload(page, path)
    page.fill('#labels textarea', '\n'.join(labels))
    page.click('#ask')


def chart(page, title='Ours, alpha 1'):
    """Percentages in the bar chart, and the models it names."""
    page.locator('.bars svg').get_by_text(title, exact=True).wait_for()
    texts = page.locator('.bars svg text').all_text_contents()
    numbers = [float(text) for text in texts if re.fullmatch(r'\d+\.\d', text)]
    assert set(LABELS) <= set(texts)
    return np.reshape(numbers, (2, len(LABELS)))


def painted(page):
    """Pixels of the bar chart in the colours of the two models."""
    data = page.locator('.bars svg').screenshot()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    colours = [
        [int(colour[i : i + 2], 16) for i in (5, 3, 1)]  # to BGR
        for colour in COLOURS[:2]
    ]
    return [(picture == colour).all(axis=-1).sum() for colour in colours]


def refusal(page):
    page.wait_for_selector('#said .refused')
    assert page.locator('.bars svg').count() == 0
    return page.inner_text('#said .refused')


def test_a_clip_and_typed_labels_give_bars_frames_and_attention(page, folder):
    ask(page, folder / 'videos/clip.mp4')
    shares = chart(page)
    assert shares.sum(axis=1) == pytest.approx([100, 100], abs=0.2)
    assert abs(shares[0] - shares[1]).max() > 1  # two models, two opinions
    assert page.locator('#rows figcaption').all_inner_texts() == [
        '2 frames, as seen by CLIP, Ours',
        'Attention of CLIP (yellow: much)',
        'Attention of Ours, alpha 1 (yellow: much)',
    ]
    widths = page.locator('#rows img').evaluate_all(
        'images => images.map(i => [i.naturalWidth, i.clientWidth > 50])'
    )
    assert widths == [[32, True]] * 6


def test_bars_of_both_models_are_drawn_as_large_as_their_shares(page, folder):
    ask(page, folder / 'videos/clip.mp4')
    chart(page)
    for _ in range(50):
        areas = painted(page)
        if min(areas) > 1000:
            break
        page.wait_for_timeout(200)  # while it computes, the page is pale
    assert min(areas) > 1000
    assert areas[0] == pytest.approx(areas[1], rel=0.1)  # 100 % each


def test_the_slider_goes_to_clip_and_back(page, folder):
    ask(page, folder / 'videos/clip.mp4')
    before = chart(page)
    overlays = '#rows figure:last-child img'
    shown = page.locator(overlays).first.get_attribute('src')
    slider = page.locator('#alpha input[type=range]')
    slider.focus()
    slider.press('Home')
    at_clip = chart(page, 'Ours, alpha 0')
    assert at_clip[1] == pytest.approx(at_clip[0], abs=0.11)
    assert at_clip[0] == pytest.approx(before[0])
    assert page.locator(overlays).first.get_attribute('src') != shown
    slider.press('End')
    assert (chart(page) == before).all()


def test_models_and_templates_can_be_chosen(page, folder):
    ask(page, folder / 'videos/clip.mp4')
    chart(page)
    before = page.inner_text('#said')
    page.fill('#templates textarea', 'tai {}')
    page.get_by_label('Ours', exact=True).uncheck()
    page.locator('#rows figure').nth(2).wait_for(state='detached')
    said = page.inner_text('#said')
    assert said.startswith('CLIP: ')
    assert 'Ours' not in said
    assert said.splitlines()[0] != before.splitlines()[0]


def test_a_bad_file_is_answered_with_why_and_the_page_lives_on(page, folder):
    ask(page, folder / 'videos/bad.mp4')
    assert refusal(page).startswith('bad.mp4 cannot be read as a video.')
    page.get_by_label('Clear', exact=True).click()
    ask(page, folder / 'videos/clip.mp4')
    chart(page)


@pytest.mark.parametrize(
    ('name', 'labels', 'message'),
    [
        ('clip', (), 'Type the labels to choose from, one a line.'),
        ('clip', ('archery',), "'archery' is the only label"),
        ('clip', ('archery', 'juggling'), "unknown words ['juggling']"),
        ('long', LABELS, 'long.mp4 is 16.0 s long; this page takes up to 10'),
        (None, LABELS, 'Drop a video first.'),
    ],
)
def test_what_is_wrong_is_told(page, folder, name, labels, message):
    path = None if name is None else folder / f'videos/{name}.mp4'
    ask(page, path, labels)
    assert message in refusal(page)


def test_large_files_are_not_taken(page, folder):
    page.set_input_files(
        '#video input[type=file]', str(folder / 'videos/large.mp4')
    )
    page.get_by_text('exceed the maximum allowed size of 256').wait_for()
    assert not list((folder / 'cwd/page').rglob('large.mp4'))


def test_it_is_alone_with_this_machine(page, server, folder):
    ask(page, folder / 'videos/clip.mp4')
    chart(page)
    hosts = {url for url in page.asked if url.startswith('http')}
    assert hosts
    assert all(url.startswith(server) for url in hosts)
    # a server that listens to all addresses answers at this one too
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(('127.0.0.2', int(server.split(':')[-1][:4])))


def test_it_writes_to_its_own_folder_only(page, folder):
    ask(page, folder / 'videos/clip.mp4')
    chart(page)
    page_folder = folder / 'cwd' / 'page'
    assert list(page_folder.rglob('clip.mp4'))
    found = [
        path
        for top in ('home', 'tmp', 'cwd')
        for path in Path(folder, top).rglob('*')
        if path.is_file() and page_folder not in path.parents
    ]
    # MMEngine imports YAPF, which keeps its grammar
    assert not [path for path in found if 'YAPF' not in path.parts]
