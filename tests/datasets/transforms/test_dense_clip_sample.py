import numpy as np
import pytest
from mmaction.datasets import SampleFrames

from mmovar.datasets import DenseClipSample


def indices(frames, fps=30.0, **arguments):
    sample = DenseClipSample(clip_len=8, frame_interval=16, **arguments)
    info = dict(total_frames=frames, avg_fps=fps, start_index=0)
    return sample(info)['frame_inds'].tolist()


@pytest.mark.parametrize(
    ('frames', 'expected'),
    [
        (90, [0, 18, 36, 54, 72, 89, 89, 89]),  # Open-VCLIP's decoder
        (60, [0, 18, 36, 54, 59, 59, 59, 59]),
        (1, 8 * [0]),
    ],
)
def test_short_videos_end_with_their_last_frame(frames, expected):
    assert indices(frames, test_mode=True) == expected


@pytest.mark.parametrize('num_clips', [1, 3])
def test_frames_are_those_of_a_plain_reading(num_clips):
    for frames in range(1, 201):
        for fps in (25.0, 30.0, 12.5):
            span = max(1, 128 * fps / 30)
            steps = np.linspace(0, span - 1, 8).astype(int)
            room = max(frames - span, 0)
            starts = {
                1: [room / 2],
                3: [0, room / 2, room],
            }[num_clips]
            found = indices(frames, fps, num_clips=num_clips, test_mode=True)
            rows = np.reshape(found, (num_clips, 8))
            for row, start in zip(rows, starts, strict=True):
                wanted = np.minimum(int(start) + steps, frames - 1)
                assert np.abs(row - wanted).max() <= 1
                assert np.all(np.diff(row) >= 0) and row[-1] <= frames - 1
            if frames <= span:
                assert rows[:, -1].tolist() == num_clips * [frames - 1]


@pytest.mark.parametrize('test_mode', [False, True])
def test_long_videos_are_read_as_by_mmaction(test_mode):
    info = dict(total_frames=700, avg_fps=25.0, start_index=3)
    other = SampleFrames(
        clip_len=8,
        frame_interval=16,
        num_clips=3 if test_mode else 1,
        target_fps=30,
        test_mode=test_mode,
    )
    mine = DenseClipSample(8, 16, other.num_clips, 30, test_mode)
    found = []
    for sample in (other, mine):
        np.random.seed(0)
        found.append(sample(dict(info)))
    assert set(found[0]) == set(found[1])
    assert np.array_equal(found[0]['frame_inds'], found[1]['frame_inds'])
