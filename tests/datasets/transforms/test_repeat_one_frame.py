import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

import mmovar  # noqa: F401


def chosen(name, total, seed=0, start=0):
    step = TRANSFORMS.build(dict(type='RepeatOneFrame', seed=seed))
    results = step(
        dict(
            filename=name,
            total_frames=total,
            start_index=start,
            frame_inds=np.arange(24),
        )
    )
    assert len(results['frame_inds']) == 24
    (frame,) = set(results['frame_inds'].tolist())
    return frame


def test_the_frame_depends_on_seed_and_name_alone():
    frames = [chosen(f'/data/v_{i}__0', 50) for i in range(300)]
    assert frames == [chosen(f'/elsewhere/v_{i}__0/', 50) for i in range(300)]
    assert set(frames) == set(range(50))
    other = [chosen(f'/data/v_{i}__0', 50, seed=1) for i in range(300)]
    assert sum(a == b for a, b in zip(frames, other, strict=True)) < 30
    assert chosen('v_0__0', 50, start=1) == frames[0] + 1


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match='-1'):
        TRANSFORMS.build(dict(type='RepeatOneFrame', seed=-1))
