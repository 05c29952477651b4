import cv2
import numpy as np
import pytest

from mmovar.datasets import ClipColorJitter


def frames(count=3):
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return [image.copy() for _ in range(count)]


def test_all_frames_of_a_clip_get_the_same_jitter():
    np.random.seed(0)
    jitter = ClipColorJitter()
    imgs = jitter(dict(imgs=frames()))['imgs']
    assert all(img.dtype == np.uint8 for img in imgs)
    assert np.array_equal(imgs[0], imgs[1])
    assert not np.array_equal(imgs[0], frames()[0])
    again = jitter(dict(imgs=frames()))['imgs']
    assert not np.array_equal(imgs[0], again[0])


def test_zero_widths_change_nothing():
    jitter = ClipColorJitter(brightness=0, contrast=0, saturation=0, hue=0)
    assert np.array_equal(jitter(dict(imgs=frames()))['imgs'], frames())


def test_largest_widths_never_overflow():
    jitter = ClipColorJitter(brightness=1, contrast=1, saturation=1, hue=0.5)
    extremes = [np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, 'u1')]
    for seed in range(50):
        np.random.seed(seed)
        imgs = jitter(dict(imgs=frames(1) + extremes))['imgs']
        assert all(img.shape[2] == 3 and img.dtype == np.uint8 for img in imgs)
        assert not imgs[1].any()  # black stays black


def test_brightness_multiplies_and_saturation_keeps_grey(monkeypatch):
    gray = [np.full((4, 4, 3), 100, np.uint8)]
    monkeypatch.setattr(np.random, 'uniform', lambda low, high: 0.5)
    brighter = ClipColorJitter(0.4, 0, 0, 0)(dict(imgs=gray))['imgs'][0]
    assert (brighter == 120).all()
    same = ClipColorJitter(0, 0.4, 0.4, 0.5)(dict(imgs=gray))['imgs'][0]
    assert (same == 100).all()


def test_hue_turns_the_colour_circle(monkeypatch):
    red = [np.tile(np.uint8([200, 0, 0]), (4, 4, 1))]
    monkeypatch.setattr(np.random, 'uniform', lambda low, high: 2 / 3)
    green = ClipColorJitter(0, 0, 0, 0.5)(dict(imgs=red))['imgs'][0]
    assert np.abs(green.astype(int) - [0, 200, 0]).max() <= 1
    hue = cv2.cvtColor(green, cv2.COLOR_RGB2HSV)[0, 0, 0]
    assert hue == 60


@pytest.mark.parametrize(
    ('name', 'width'), [('brightness', -0.1), ('contrast', 2), ('hue', 0.6)]
)
def test_width_out_of_range_is_named(name, width):
    with pytest.raises(ValueError, match=f'{name} must be in .*{width}'):
        ClipColorJitter(**{name: width})
