"""The page of results."""

import base64
import re

import cv2
import numpy as np
import pytest

from mmovar.visualization import HtmlPage


def test_page_is_one_file_with_frames_and_bars(tmp_path):
    page = HtmlPage('Title', 'model', thumbnail=16)
    frames = np.full((3, 40, 32, 3), (250, 10, 10), np.uint8)
    page.add('clip.mp4', frames, ('archery', 'tai chi'), (0.75, 0.25))
    page.write(tmp_path / 'new' / 'page.html')
    text = (tmp_path / 'new' / 'page.html').read_text()
    images = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text)
    assert len(images) == 3
    data = np.frombuffer(base64.b64decode(images[0]), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert image.shape == (20, 16, 3)
    blue, _, red = image.mean(axis=(0, 1))
    assert red > 200 > blue
    assert re.findall(r'width:([\d.]+)%', text) == ['75.0', '25.0']
    assert 'http' not in text


def test_names_and_labels_are_escaped(tmp_path):
    page = HtmlPage('<t>')
    page.add('<v>', np.zeros((1, 8, 8, 3), np.uint8), ('<b>&',), (1.0,))
    page.add_error('<x>', '<broken>')
    page.write(tmp_path / 'page.html')
    text = (tmp_path / 'page.html').read_text()
    assert '&lt;b&gt;&amp;' in text
    assert not re.search('<(v|x|t|broken)>', text)


def test_page_gathers_pictures_and_videos_whole(tmp_path):
    page = HtmlPage('Pictures')
    for name in ('a.png', 'b.gif', 'c.mp4'):
        (tmp_path / name).write_bytes(name.encode())
        page.add_picture(tmp_path / name, f'<{name}>')
    page.write(tmp_path / 'page.html')
    text = (tmp_path / 'page.html').read_text()
    found = re.findall(r'src="data:(\S+);base64,([^"]+)"', text)
    assert [(k, base64.b64decode(data).decode()) for k, data in found] == [
        ('image/png', 'a.png'),
        ('image/gif', 'b.gif'),
        ('video/mp4', 'c.mp4'),
    ]
    assert text.count('<video') == 1
    assert '&lt;a.png&gt;' in text
    with pytest.raises(ValueError, match='x.exe'):
        page.add_picture(tmp_path / 'x.exe', '')
