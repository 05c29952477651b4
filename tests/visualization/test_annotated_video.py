"""Videos with labels drawn in."""

import cv2
import numpy as np
import pytest

from mmovar.visualization import write_annotated_video


def read(path):
    reader = cv2.VideoCapture(str(path))
    frames = []
    while True:
        good, frame = reader.read()
        if not good:
            return np.stack(frames), reader.get(cv2.CAP_PROP_FPS)
        frames.append(frame)


def test_copy_has_all_frames_and_marks_only_the_top(make_video, tmp_path):
    source = make_video(frames=7, step=0, size=(96, 96))
    target = tmp_path / 'new' / 'out.mp4'
    write_annotated_video(source, target, ('archery', 'x'), (0.9, 0.1))
    (before, rate), (after, new_rate) = read(source), read(target)
    assert after.shape == before.shape
    assert new_rate == rate
    change = np.abs(after.astype(int) - before).mean(axis=(0, 2, 3))
    assert change[:24].mean() > 20
    assert change[40:].max() < 5


def test_long_bar_is_that_of_the_likely_label(make_video, tmp_path):
    source = make_video(frames=2, step=0, size=(96, 96))
    write_annotated_video(source, tmp_path / 'o.mp4', ('', ''), (0.9, 0.2))
    frames, _ = read(tmp_path / 'o.mp4')
    blue = (frames[0][..., 0] > 100).mean(axis=1)
    assert blue[5] > 0.7 > 0.4 > blue[17]


def test_unreadable_source_is_named(tmp_path):
    (tmp_path / 'bad.mp4').write_bytes(b'nothing')
    with pytest.raises(ValueError, match='bad.mp4'):
        write_annotated_video(
            tmp_path / 'bad.mp4', tmp_path / 'out.mp4', ('a',), (1.0,)
        )


def test_source_is_never_written_over(make_video):
    source = make_video()
    with pytest.raises(ValueError, match='over itself'):
        write_annotated_video(source, source, ('a',), (1.0,))
    assert len(read(source)[0]) == 12
