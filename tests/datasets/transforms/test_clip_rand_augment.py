import numpy as np
import pytest
import torch

from mmovar.datasets.transforms import ClipRandAugment


def equal_frames(count=3):
    frame = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
    return [frame.copy() for _ in range(count)]


def test_all_frames_change_alike_and_clips_differ():
    transform, clips = ClipRandAugment(), []
    torch.manual_seed(0)
    for _ in range(8):
        imgs = transform.transform(dict(imgs=equal_frames()))['imgs']
        assert all(img.dtype == np.uint8 for img in imgs)
        assert all(img.shape == (20, 24, 3) for img in imgs)
        assert all((img == imgs[0]).all() for img in imgs)
        clips.append(imgs[0].tobytes())
    assert len(set(clips)) > 4


def test_channels_stay_in_place(monkeypatch):
    transform = ClipRandAugment()
    frames = equal_frames()
    seen = []

    def identity(x):
        seen.append(x)
        return x

    monkeypatch.setattr(transform, '_augment', identity)
    out = transform.transform(dict(imgs=list(frames)))['imgs']
    assert seen[0].shape == (3, 3, 20, 24)
    assert (np.stack(out) == np.stack(frames)).all()


@pytest.mark.parametrize('kwargs', [dict(num_ops=0), dict(magnitude=31)])
def test_arguments_out_of_range_are_refused(kwargs):
    with pytest.raises(ValueError, match='num_ops must be >= 1'):
        ClipRandAugment(**kwargs)
