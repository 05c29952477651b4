"""Rendered clips."""

import numpy as np
import pytest

from mmovar.mini.frames import ClipSpec, render_clips
from mmovar.mini.motions import MOTIONS
from mmovar.mini.objects import OBJECTS, draw_objects
from mmovar.mini.scenes import SCENES, render_scenes

BOX, SWELLING = OBJECTS.index('box'), MOTIONS.index('swelling')


def clip(**change):
    spec = dict(obj=BOX, motion=SWELLING, scene=0, seed=(0, 1))
    return render_clips([ClipSpec(**{**spec, **change})])[0]


def test_clip_depends_on_its_own_spec_only():
    specs = [ClipSpec(i % 10, i, i % 8, (3, i)) for i in range(12)]
    together = render_clips(specs)
    assert together.shape == (12, 16, 32, 32, 3)
    assert together.dtype == np.uint8
    for spec, frames in zip(specs, together, strict=True):
        np.testing.assert_array_equal(render_clips([spec])[0], frames)


def test_other_scene_keeps_the_foreground():
    here, there = clip(scene=0), clip(scene=5)
    same = (here == there).all(axis=-1)
    assert 20 < same[-1].sum() < 700  # the box, and nothing of the ground


def test_seed_changes_the_clip():
    assert (clip() != clip(seed=(0, 2))).any()


@pytest.mark.parametrize('motion', MOTIONS)
def test_motion_changes_the_frames(motion):
    frames = clip(motion=MOTIONS.index(motion)).astype(float)
    change = np.abs(frames - frames[0]).mean(axis=(1, 2, 3))
    assert change.max() > 6  # pixel noise alone makes 4.5


def test_object_of_no_size_is_not_drawn():
    count = len(OBJECTS)
    images = np.full((count, 32, 32, 3), 90, np.float32)
    centre, radius = np.full((count, 2), 16.0), np.full(count, 7.0)
    kinds, tilt = np.arange(count), np.zeros(count)
    drawn = draw_objects(images.copy(), kinds, centre, radius, tilt)
    areas = (drawn != 90).any(axis=-1).sum(axis=(1, 2))
    assert areas.min() > 40
    none = draw_objects(images.copy(), kinds, centre, 0 * radius, tilt)
    np.testing.assert_array_equal(none, images)


def test_scenes_differ():
    grain = np.zeros((8, 32, 32), np.float32)
    scenes = render_scenes(np.arange(8), np.zeros((8, 2)), np.ones(8), grain)
    colours = scenes.mean(axis=(1, 2))
    gaps = np.abs(colours[:, None] - colours).sum(axis=-1)
    assert gaps[~np.eye(len(SCENES), dtype=bool)].min() > 30
