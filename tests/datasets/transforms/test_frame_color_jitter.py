import numpy as np
import pytest
import torch
from PIL import Image

from mmovar.datasets import FrameColorJitter


def frames(count=3):
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return [image.copy() for _ in range(count)]


def jitter(seed=0, **kwargs):
    np.random.seed(seed)
    torch.manual_seed(seed)
    return FrameColorJitter(**kwargs)(dict(imgs=frames()))['imgs']


def test_every_frame_has_a_jitter_of_its_own():
    imgs = jitter(prob=1)
    assert all(img.dtype == np.uint8 for img in imgs)
    assert not np.array_equal(imgs[0], imgs[1])
    assert not np.array_equal(imgs[1], imgs[2])
    assert np.array_equal(imgs, jitter(prob=1))
    assert not np.array_equal(imgs, jitter(1, prob=1))


def test_clip_is_jittered_whole_or_not_at_all():
    changed = 0
    for seed in range(100):
        moved = [not np.array_equal(i, frames(1)[0]) for i in jitter(seed)]
        assert len(set(moved)) == 1
        changed += moved[0]
    assert 65 < changed < 95  # 0.8


def test_frames_are_those_of_torchvision():
    from torchvision.transforms import ColorJitter

    imgs = jitter(prob=1)
    torch.manual_seed(0)
    reference = ColorJitter(0.4, 0.4, 0.2, 0.1)
    for img, frame in zip(imgs, frames(), strict=True):
        assert np.array_equal(img, reference(Image.fromarray(frame)))


def test_values_out_of_range_are_refused():
    with pytest.raises(ValueError, match='prob'):
        FrameColorJitter(prob=1.1)
    with pytest.raises(ValueError, match='hue'):
        FrameColorJitter(hue=0.6)
    with pytest.raises(ValueError, match='brightness'):
        FrameColorJitter(brightness=-1)
