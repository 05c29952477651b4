"""Figures: what is drawn, read back from the files."""

import re

import cv2
import imageio.v3 as imageio
import numpy as np
import pytest

from mmovar.visualization.class_gains import draw_class_gains
from mmovar.visualization.clip_figure import (
    Panel,
    draw_clip,
    shorten,
    write_clip_video,
)
from mmovar.visualization.embedding import (
    cluster_scores,
    draw_embedding,
    embed,
)
from mmovar.visualization.epoch_curve import draw_epoch_curves
from mmovar.visualization.landscape import Landscape, draw_landscape
from mmovar.visualization.trade_off import draw_trade_offs


def flat(*values):
    """A clip whose frame t is flat red of the t-th value."""
    frames = np.zeros((len(values), 16, 16, 3), np.uint8)
    frames[..., 0] = np.array(values)[:, None, None]
    return frames


def texts(path):
    """Texts of an svg file; matplotlib notes each as a comment."""
    return re.findall(r'<!-- (.*?) -->', path.read_text())


def test_clip_figure_shows_titles_frames_and_bars(tmp_path):
    panels = [
        Panel('input', flat(*range(100, 110))),
        Panel('model', flat(*range(10)), ('archery', 'x' * 40), (0.8, 0.2)),
    ]
    draw_clip(panels, tmp_path / 'clip.svg', columns=4)
    found = texts(tmp_path / 'clip.svg')
    for text in ('input', 'model', 'frame 1', 'frame 4', 'frame 10'):
        assert text in found
    assert '80.0 %  archery' in found
    assert f'20.0 %  {shorten("x" * 40, 28)}' in found
    assert len(re.findall('<image', (tmp_path / 'clip.svg').read_text())) == 8


@pytest.mark.parametrize('suffix', ['.gif', '.mp4'])
def test_clip_video_has_each_frame_side_by_side(suffix, tmp_path):
    panels = [
        Panel('a', flat(250, 100, 0)),
        Panel('b', flat(0, 100, 250), ('label',), (0.5,)),
    ]
    path = tmp_path / f'clip{suffix}'
    write_clip_video(panels, [path], 5)
    frames = imageio.imread(path)
    assert len(frames) == 3
    height, width = frames.shape[1:3]
    row = height // 3
    left = frames[:, row, width // 4, 0].astype(int)
    right = frames[:, row, 3 * width // 4, 0].astype(int)
    assert np.abs(left - (250, 100, 0)).max() < 12
    assert np.abs(right - (0, 100, 250)).max() < 12


def test_clip_video_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match='avi'):
        write_clip_video([Panel('a', flat(1))], [tmp_path / 'x.avi'])


def two_groups():
    rng = np.random.default_rng(0)
    features = rng.normal(0, 0.1, (40, 8))
    features[:20, 0] += 1
    features[20:, 1] += 1
    return features, np.arange(40) // 20


def test_cluster_scores_tell_groups_from_noise():
    features, labels = two_groups()
    assert cluster_scores(features, labels) == pytest.approx((1, 1, 1))
    mixed = cluster_scores(features, np.arange(40) % 2)
    assert max(mixed) < 0.2
    h, c, v = cluster_scores(features, np.arange(40) // 10)
    assert v == pytest.approx(2 * h * c / (h + c))


def test_layout_keeps_groups_apart():
    features, labels = two_groups()
    points = embed(features)
    assert points.shape == (40, 2)
    centres = np.stack([points[labels == k].mean(0) for k in (0, 1)])
    nearest = np.linalg.norm(points[:, None] - centres, axis=-1).argmin(1)
    assert (nearest == labels).all()
    assert np.array_equal(points, embed(features))
    with pytest.raises(ValueError, match='pca'):
        embed(features, 'pca')
    with pytest.raises(ValueError, match='2 videos'):
        embed(features[:2])


@pytest.mark.slow  # numba compiles for half a minute
def test_umap_layout():
    features, _ = two_groups()
    assert embed(features, 'umap').shape == (40, 2)


def test_embedding_figure_names_classes_and_axes(tmp_path):
    features, labels = two_groups()
    points = features[:, :2]
    draw_embedding(
        [points, -points],
        labels,
        ('archery', 'tai chi'),
        ('CLIP', 'ours'),
        tmp_path / 'e.svg',
    )
    found = texts(tmp_path / 'e.svg')
    for text in ('archery', 'tai chi', 'CLIP', 'ours'):
        assert found.count(text) == 1
    assert sum('dimension' in text for text in found) == 3


def test_gains_are_sorted_and_the_middle_left_out(tmp_path):
    gains = [(f'class {k}', float(k - 5)) for k in range(11)]
    draw_class_gains(gains, tmp_path / 'g.svg', 'a minus b', limit=4)
    found = texts(tmp_path / 'g.svg')
    names = [text for text in found if text.startswith('class')]
    assert names == ['class 10', 'class 9', 'class 1', 'class 0']
    assert '(7 classes between these not shown)' in found


def test_epoch_curves_have_a_panel_a_metric(tmp_path):
    curves = {
        'closed set': dict(raw=[50, 60], SWA=[51, 62]),
        'zero-shot': dict(raw=[40, 30], SWA=[40, 45]),
    }
    draw_epoch_curves([1, 2], curves, tmp_path / 'c.svg')
    found = texts(tmp_path / 'c.svg')
    for text in ('closed set', 'zero-shot', 'raw', 'SWA'):
        assert text in found
    assert found.count('epoch') == 2


def test_landscape_names_losses_and_directions(tmp_path):
    x = np.linspace(-1, 1, 5)
    bowl = x**2 + x[:, None] ** 2
    drawn = Landscape(
        x,
        x,
        dict(support=bowl, query=bowl + x),
        {'support': (1.0, 0.0), 'query': (0.6, 0.8)},
        'share of the weights',
    )
    draw_landscape(drawn, tmp_path / 'l.svg')
    found = texts(tmp_path / 'l.svg')
    assert found.count('support loss') == 1
    assert 'query' in found
    draw_landscape(drawn, tmp_path / 'l.png')
    assert cv2.imread(str(tmp_path / 'l.png')).std() > 20


def test_trade_offs_of_methods_share_the_axes(tmp_path):
    points = [(0.0, 60.0, 80.0), (0.5, 75.0, 82.5), (1.0, 78.0, 70.0)]
    draw_trade_offs(
        {'plain': points, 'Open-MeDe': points}, tmp_path / 't.svg', 'x', 'y'
    )
    found = texts(tmp_path / 't.svg')
    assert found.count('plain') == found.count('Open-MeDe') == 1  # the legend
    assert found.count('0.5') >= 1
    assert found.count('fine-tuned') == 1  # the end that the two share
