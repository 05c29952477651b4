import numpy as np
import pytest
from mmaction.datasets.transforms import SampleFrames

from mmovar.datasets import SegmentSample


def sample(total, start=0, **kwargs):
    results = dict(total_frames=total, start_index=start)
    return SegmentSample(**kwargs)(results)


@pytest.mark.parametrize('total', [1, 5, 16, 17, 31, 100, 299, 300, 1001])
@pytest.mark.parametrize('num_frames', [8, 16, 32])
def test_one_test_clip_has_the_centres_of_the_parts(total, num_frames):
    results = sample(total, num_frames=num_frames, test_mode=True)
    expected = [
        (2 * i + 1) * total // (2 * num_frames) for i in range(num_frames)
    ]
    assert results['frame_inds'].tolist() == expected
    assert results['frame_inds'].dtype == np.int32
    assert (results['clip_len'], results['num_clips']) == (num_frames, 1)
    tsn = SampleFrames(clip_len=1, num_clips=num_frames, test_mode=True)
    results = tsn(dict(total_frames=total, start_index=0))
    assert results['frame_inds'].tolist() == expected


def test_test_clips_spread_evenly_and_no_frame_is_seen_twice():
    results = sample(64, num_frames=4, num_clips=4, test_mode=True)
    clips = results['frame_inds'].reshape(4, 4)
    assert clips[0].tolist() == [2, 18, 34, 50]
    assert clips[3].tolist() == [14, 30, 46, 62]
    assert sorted(clips.flatten()) == list(range(2, 64, 4))


def test_training_draws_one_frame_of_each_part():
    np.random.seed(0)
    drawn = np.array(
        [sample(35, num_frames=4)['frame_inds'] for _ in range(300)]
    )
    for part in range(4):  # parts of 35 // 4 = 8 frames: the tail is left out
        assert set(drawn[:, part]) == set(range(8 * part, 8 * part + 8))


def test_training_on_a_short_video_repeats_frames():
    inds = sample(5, num_frames=8)['frame_inds']
    # NumPy rounds halves to even; 5 frames over 8 places
    assert inds.tolist() == [0, 1, 1, 2, 2, 3, 4, 4]
    assert sample(1, num_frames=4)['frame_inds'].tolist() == [0] * 4
    # around(7 * 15 / 8) = 13: never behind the end
    assert sample(3, num_frames=16)['frame_inds'].max() <= 2


def test_random_views_are_drawn_one_by_one_from_numpy():
    np.random.seed(3)
    views = sample(160, num_frames=8, num_clips=2)['frame_inds']
    first, second = views.reshape(2, 8)
    assert not np.array_equal(first, second)
    np.random.seed(3)
    again = [sample(160, num_frames=8)['frame_inds'] for _ in range(2)]
    assert np.array_equal(np.concatenate(again), views)


def test_start_index_is_added():
    plain = sample(20, num_frames=4, test_mode=True)['frame_inds']
    moved = sample(20, 1, num_frames=4, test_mode=True)['frame_inds']
    assert np.array_equal(moved, plain + 1)


@pytest.mark.parametrize('wrong', [dict(num_frames=0), dict(num_clips=0)])
def test_numbers_must_be_positive(wrong):
    with pytest.raises(ValueError, match='>= 1'):
        SegmentSample(**{'num_frames': 8, **wrong})
