import numpy as np
import pytest

from mmovar.datasets import RandomGray


def frames(count=3):
    generator = np.random.default_rng(0)
    return list(generator.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8))


def test_grey_is_the_luma_of_every_frame():
    imgs = RandomGray(prob=1)(dict(imgs=frames()))['imgs']
    for img, frame in zip(imgs, frames(), strict=True):
        luma = frame @ np.array([0.299, 0.587, 0.114])
        assert np.abs(img - luma[..., None]).max() <= 0.51
        assert img.dtype == np.uint8


def test_clip_turns_grey_whole_now_and_then():
    np.random.seed(0)
    grey = 0
    for _ in range(200):
        imgs = RandomGray()(dict(imgs=frames()))['imgs']
        moved = {
            not np.array_equal(a, b)
            for a, b in zip(imgs, frames(), strict=True)
        }
        assert len(moved) == 1
        grey += moved.pop()
    assert 20 < grey < 60  # 0.2


def test_probability_is_checked():
    with pytest.raises(ValueError, match='prob'):
        RandomGray(prob=-0.1)
