import base64
import re

import cv2
import numpy as np

from mmovar.visualization.frame_rows import frame_rows


def pictures(page):
    """Decode the images of a page, RGB."""
    images = []
    for text in re.findall(r'base64,([^"]+)"', page):
        data = np.frombuffer(base64.b64decode(text), np.uint8)
        images.append(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB))
    return images


def test_all_frames_are_there_unchanged_row_by_row():
    frames = np.random.default_rng(0).integers(0, 255, (5, 8, 9, 3), np.uint8)
    page = frame_rows({'seen': frames[:3], 'Attention': frames[3:]})
    assert np.array_equal(np.stack(pictures(page)), frames)
    assert page.index('seen') < page.index('Attention')


def test_long_clips_go_on_below():
    frames = np.zeros((16, 8, 8, 3), np.uint8)
    assert '--columns: 8"' in frame_rows({'seen': frames})
    assert '--columns: 3"' in frame_rows({'seen': frames[:3]})


def test_titles_are_no_markup():
    page = frame_rows({'<b>"x"': np.zeros((1, 8, 8, 3), np.uint8)})
    assert '<b>' not in page
    assert '&lt;b&gt;' in page
