import pickle
import shutil
from signal import SIGKILL

import numpy as np
import pytest

from helpers.clips import truncate, write_cut_off, write_film
from helpers.frame_folders import box_masks, noise, write_frames
from helpers.processes import half_made, run_fork
from mmovar.atomic_write import _remove_once
from mmovar.datasets.annotation_list import Annotation
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.out_of_context.backgrounds import open_backgrounds
from mmovar.synthesis.masks import MaskIndex
from mmovar.synthesis.scuba_synthesis import SCUBARecipe, make_scuba

EXACT = SCUBARecipe(copies=2, quality=100)


def flat(rng):
    """Draw a plain grey, whose edges on whole blocks JPEG keeps."""
    return np.full((9, 9, 3), rng.integers(60, 200), np.uint8)


@pytest.fixture
def material(tmp_path):
    """Three smooth videos; masks of frames 2..5 of two of them."""
    rng = np.random.default_rng(0)
    for name in 'abc':
        frames = np.empty((8, 24, 32, 3), np.uint8)
        frames[:] = rng.integers(60, 200, (8, 1, 1, 1))
        write_frames(tmp_path / 'videos' / name, frames)
    rows = [[f, 8, 8, 16, 16] for f in (3, 4, 6)]
    boxes = {'a': rows, 'b': [[1, 0, 0, 32, 24]]}
    (tmp_path / 'boxes.pkl').write_bytes(pickle.dumps(boxes))
    videos = [
        Annotation(str(tmp_path / 'videos' / name), label)
        for label, name in enumerate('abc')
    ]
    return videos, MaskIndex(tmp_path / 'boxes.pkl'), tmp_path / 'out'


def read(folder):
    source = open_frames(folder)
    return np.stack(source.read(range(len(source)))).astype(int)


def test_clips_have_people_before_one_still_background(material):
    videos, masks, out = material
    made = list(make_scuba(videos, masks, flat, out, EXACT))
    assert [item.reason for item in made] == ['', '', 'no mask']
    assert made[0].clips == (
        Annotation('a__0', 0, 4),
        Annotation('a__1', 0, 4),
    )
    original = read(videos[0].path)[2:6]
    backgrounds = set()
    for name in ('a__0', 'a__1'):
        clip = read(out / name)
        assert (out / name / 'frame000004.jpg').is_file()
        behind = clip[0, 0, 0]
        backgrounds.add(tuple(behind))
        expected = np.empty_like(original)
        expected[:] = behind
        for k in (0, 1, 3):  # frame 4 has no box
            expected[k, 8:16, 8:16] = original[k, 8:16, 8:16]
        assert np.abs(clip - expected).max() <= 2  # JPEG
    assert len(backgrounds) == 2
    assert len(read(out / 'b__0')) == 1


def test_a_second_call_makes_what_is_not_there_and_nothing_else(material):
    videos, masks, out = material
    list(make_scuba(videos, masks, flat, out, EXACT))
    before = {p: p.read_bytes() for p in out.rglob('*.jpg')}
    shutil.rmtree(out / 'a__1')
    assert run_fork(half_made, out / 'a__1') == -SIGKILL
    assert [p for p in out.iterdir() if p.name.startswith('.')]
    stamp = (out / 'b__0/frame000001.jpg').stat().st_mtime_ns
    _remove_once.cache_clear()  # as in a new process
    made = list(make_scuba(videos[::-1], masks, flat, out, EXACT))
    assert made[2].clips[1] == Annotation('a__1', 0, 4)
    assert {p: p.read_bytes() for p in out.rglob('*.jpg')} == before
    assert (out / 'b__0/frame000001.jpg').stat().st_mtime_ns == stamp
    assert not [p for p in out.iterdir() if p.name.startswith('.')]
    other = SCUBARecipe(copies=2, quality=100, seed=1)
    list(make_scuba(videos, masks, flat, out.with_name('other'), other))
    assert (read(out / 'a__0') != read(out.with_name('other') / 'a__0')).any()


def test_small_people_are_left_out_by_share_of_frames(material):
    videos, masks, out = material
    # 64 of 768 pixels in three of four frames
    for cover, share, reason in (
        (0.08, 0.75, ''),
        (0.09, 0.75, 'people are too small'),
        (0.08, 0.9, 'people are too small'),
    ):
        recipe = SCUBARecipe(copies=1, min_cover=cover, min_share=share)
        folder = out / f'{cover}_{share}'
        (item,) = make_scuba(videos[:1], masks, flat, folder, recipe)
        assert item.reason == reason
        assert bool(item.clips) == (not reason)


def test_unreadable_videos_and_masks_are_named(material, tmp_path):
    videos, masks, out = material
    (tmp_path / 'videos/a/frame000004.png').unlink()
    made = list(make_scuba(videos[:2], masks, flat, out, EXACT))
    assert made[0].reason.startswith('unreadable: ')
    assert 'frame 4 is missing' in made[0].reason
    assert len(made[1].clips) == 2
    gone = [Annotation(str(tmp_path / 'nowhere/a.avi'), 0)]
    assert 'nowhere' in next(make_scuba(gone, masks, flat, out, EXACT)).reason
    empty = box_masks(8, 24, 32, (0, 0, 0, 0))
    write_frames(tmp_path / 'masks' / 'c', empty)
    write_frames(tmp_path / 'masks' / 'b', empty)
    truncate(tmp_path / 'masks/b/frame000001.png').write_bytes(b'')
    index, out = MaskIndex(tmp_path / 'masks'), tmp_path / 'other'
    reasons = [m.reason for m in make_scuba(videos, index, flat, out, EXACT)]
    assert reasons[0] == 'no mask' and reasons[2] == 'all masks are empty'
    assert 'not an image' in reasons[1]


def test_damaged_videos_are_named(tmp_path):
    film = write_cut_off(tmp_path / 'a.avi')
    boxes = {'a': [[1, 8, 8, 40, 40]]}
    (tmp_path / 'boxes.pkl').write_bytes(pickle.dumps(boxes))
    masks = MaskIndex(tmp_path / 'boxes.pkl')
    video = [Annotation(str(film), 0)]
    (made,) = make_scuba(video, masks, flat, tmp_path / 'out', EXACT)
    assert made.reason.startswith('damaged: ')
    assert 'frames are missing' in made.reason


def test_bad_recipes_and_names_are_refused(material):
    videos, masks, out = material
    with pytest.raises(ValueError, match='copies must be in 1'):
        SCUBARecipe(copies=0)
    with pytest.raises(ValueError, match=r'min_cover must be in 0\.\.1'):
        SCUBARecipe(min_cover=10)
    twice = [videos[0], videos[0]._replace(path='x/a.avi')]
    with pytest.raises(ValueError, match="named .'a'"):
        list(make_scuba(twice, masks, flat, out, EXACT))


def test_an_encoded_clip_before_stripes(tmp_path):
    film = write_film(
        tmp_path / 'v_Basketball_g01_c01.avi',
        *('-c:v', 'libxvid', '-vf', 'hue=s=0.3'),
    )
    rows = [[f, 205, 100, 245, 225] for f in range(30, 74)]
    path = tmp_path / 'boxes.pkl'
    path.write_bytes(pickle.dumps({'v_Basketball_g01_c01': rows}))
    video = [Annotation(str(film), 7)]
    draw = open_backgrounds('stripe')
    recipe = SCUBARecipe(copies=1, quality=95)
    (made,) = make_scuba(video, MaskIndex(path), draw, tmp_path, recipe)
    assert made.clips == (Annotation('v_Basketball_g01_c01__0', 7, 44),)
    clip = read(tmp_path / 'v_Basketball_g01_c01__0')
    original = np.stack(open_frames(film).read(range(29, 73)))
    inside = np.s_[:, 104:220, 209:241]  # not where JPEG blends the edge
    assert np.abs(clip[inside] - original[inside]).mean() < 6
    outside = clip[:, :, :190]
    assert np.abs(outside - outside[:1]).max() <= 3  # it stands still
    assert np.abs(clip - original)[:, :, :190].mean() > 30


def test_a_background_of_another_size_is_stretched_to_the_frame(tmp_path):
    from PIL import Image

    frames = noise(1, 20, 30)
    write_frames(tmp_path / 'videos/a', frames)
    boxes = {'a': [[1, 0, 0, 1, 1]]}
    (tmp_path / 'b.pkl').write_bytes(pickle.dumps(boxes))
    ramp = np.repeat(np.linspace(50, 200, 60).astype(np.uint8), 3)
    ramp = np.tile(ramp.reshape(1, 60, 3), (10, 1, 1))
    video = [Annotation(str(tmp_path / 'videos/a'), 0)]
    recipe = SCUBARecipe(copies=1, quality=100)
    masks = MaskIndex(tmp_path / 'b.pkl')
    list(make_scuba(video, masks, lambda rng: ramp, tmp_path, recipe))
    wanted = np.asarray(Image.fromarray(ramp).resize((30, 20))).astype(int)
    assert np.abs(read(tmp_path / 'a__0')[0] - wanted)[:, 8:].max() <= 4
