import xml.etree.ElementTree as ET

import pytest

from mmovar.visualization.palette import COLOURS
from mmovar.visualization.score_bars import score_bars

LABELS = ('archery', 'tai chi', 'swimming')
SAID = {'CLIP': (0.1, 0.5, 0.4), 'Ours': (0.1, 0.9, 0.0)}


def texts(svg):
    """Texts, in the order they are drawn."""
    found = []
    for element in ET.fromstring(svg).iter('{http://www.w3.org/2000/svg}text'):
        found.append(''.join(element.itertext()))
    return found


def widths(svg, colour):
    """Widths of the bars of a colour, as drawn from the top."""
    bars = []
    for element in ET.fromstring(svg).iter('{http://www.w3.org/2000/svg}path'):
        if colour.lower() not in element.get('style', ''):
            continue
        points = [p for p in element.get('d').split() if p not in 'MLz']
        xs = [float(x) for x in points[::2]]
        bars.append(max(xs) - min(xs))
    return bars[:-1]  # the last one stands in the legend


def test_labels_are_texts_in_their_order():
    found = texts(score_bars(LABELS, SAID))
    named = [text for text in found if text in LABELS]
    assert named == list(LABELS)
    assert {'CLIP', 'Ours', '90.0', 'probability, %'} <= set(found)


def test_bars_are_as_long_as_the_probabilities():
    svg = score_bars(LABELS, SAID)
    clip, ours = (widths(svg, colour) for colour in COLOURS[:2])
    unit = clip[1] / 0.5
    assert clip == pytest.approx([0.1 * unit, 0.5 * unit, 0.4 * unit])
    assert ours == pytest.approx([0.1 * unit, 0.9 * unit, 0], abs=1e-3)


def test_only_the_best_labels_are_drawn():
    found = texts(score_bars(LABELS, SAID, limit=2))
    assert 'archery' not in found
    assert 'swimming' in found


def test_labels_are_neither_markup_nor_formulas():
    labels = ('<script>alert(1)</script>', '$x$ & y', 'long ' * 12)
    svg = score_bars(labels, {'$A_1$ <b>': (0.2, 0.5, 0.3)})
    assert '<script' not in svg
    assert {'$x$ & y', '$A_1$ <b>', labels[0]} <= set(texts(svg))
    assert sum('long' in text for text in texts(svg)) >= 2  # lines


def test_colours_go_with_the_models():
    svg = score_bars(LABELS, {'Ours': SAID['Ours']}, [COLOURS[3]])
    assert len(widths(svg, COLOURS[3])) == 3
    assert not widths(svg, COLOURS[0])
