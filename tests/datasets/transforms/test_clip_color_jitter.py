import cv2
import numpy as np
import pytest
import torch

from mmovar.datasets import ClipColorJitter


def frames(count=3):
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return [image.copy() for _ in range(count)]


def test_all_frames_of_a_clip_get_the_same_jitter():
    torch.manual_seed(0)
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
        torch.manual_seed(seed)
        imgs = jitter(dict(imgs=frames(1) + extremes))['imgs']
        assert all(img.shape[2] == 3 and img.dtype == np.uint8 for img in imgs)
        assert not imgs[1].any()  # black stays black


def test_brightness_multiplies_and_saturation_keeps_grey():
    gray = [np.full((4, 4, 3), 100, np.uint8)]
    jitter = ClipColorJitter(0.4, 0, 0, 0)
    torch.manual_seed(0)
    drawn = [jitter(dict(imgs=gray))['imgs'][0] for _ in range(300)]
    assert all(image.min() == image.max() for image in drawn)
    values = [int(image.max()) for image in drawn]
    assert 60 <= min(values) < 63 and 137 < max(values) <= 140
    same = ClipColorJitter(0, 0.4, 0.4, 0.5)(dict(imgs=gray))['imgs'][0]
    assert (same == 100).all()


def test_hue_turns_the_colour_circle():
    red = [np.tile(np.uint8([200, 0, 0]), (4, 4, 1))]
    turn = ClipColorJitter(0, 0, 0, [1 / 3, 1 / 3])
    green = turn(dict(imgs=red))['imgs'][0]
    assert np.abs(green.astype(int) - [0, 200, 0]).max() <= 1
    hue = cv2.cvtColor(green, cv2.COLOR_RGB2HSV)[0, 0, 0]
    assert hue == 60


def test_pixels_are_those_of_torchvision_but_for_rounding():
    from torchvision.transforms import ColorJitter

    torch.manual_seed(3)
    imgs = ClipColorJitter()(dict(imgs=frames(1)))['imgs']
    torch.manual_seed(3)
    clip = torch.from_numpy(np.stack(frames(1))).permute(0, 3, 1, 2) / 255
    expected = 255 * ColorJitter(0.4, 0.4, 0.4, 0.1)(clip)
    difference = expected.permute(0, 2, 3, 1).numpy() - imgs
    assert np.abs(difference).max() < 1


@pytest.mark.parametrize(
    ('name', 'width'), [('brightness', -0.1), ('hue', 0.6)]
)
def test_width_out_of_range_is_named(name, width):
    with pytest.raises(ValueError, match=name):
        ClipColorJitter(**{name: width})
