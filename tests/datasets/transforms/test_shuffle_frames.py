import pytest

from mmovar.datasets import ShuffleFrames


def shuffled(filename='a/x.mp4', seed=0, length=8, count=16):
    results = dict(imgs=list(range(count)), clip_len=length, filename=filename)
    return ShuffleFrames(seed=seed)(results)['imgs']


def test_frames_are_permuted_within_each_clip():
    imgs = shuffled()
    assert imgs != list(range(16))
    assert sorted(imgs[:8]) == list(range(8))
    assert sorted(imgs[8:]) == list(range(8, 16))


def test_permutation_depends_on_seed_and_file_name_only():
    assert shuffled() == shuffled()
    assert shuffled('b/x.mp4') == shuffled('a/x.mp4')
    assert shuffled('a/y.mp4') != shuffled('a/x.mp4')
    assert shuffled(seed=1) != shuffled(seed=0)


def test_negative_seed_is_refused():
    with pytest.raises(ValueError, match='-1'):
        ShuffleFrames(seed=-1)
