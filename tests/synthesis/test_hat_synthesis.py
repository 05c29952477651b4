import numpy as np
import pytest

from helpers.clips import write_cut_off
from helpers.frame_folders import box_masks, noise, write_frames
from mmovar.datasets.annotation_list import Annotation
from mmovar.datasets.io.open_video import open_frames
from mmovar.datasets.out_of_context.action_swap import ActionSwap
from mmovar.datasets.out_of_context.swaps import Swap
from mmovar.synthesis.hat_synthesis import (
    BackgroundLibrary,
    draw_swaps,
    make_swaps,
    swap_names,
)
from mmovar.synthesis.masks import MaskIndex
from mmovar.synthesis.painted_out import PaintedOut

NAMES = ('surfing', 'driving a car/tractor')
BOX, STEP = (4, 8, 12, 20), (4, 0)


def scene(label):
    """A background that changes over space, not over time."""
    y, x = np.mgrid[:32, :64]
    image = np.stack([3 * x + 20, 5 * y + 20, 0 * x + 60 * label], -1)
    return image.astype(np.uint8)


@pytest.fixture
def material(tmp_path):
    """Two videos of each of two classes; a white box moves over a scene."""
    masks = box_masks(8, 32, 64, BOX, STEP)
    videos = []
    for label in (0, 1):
        for k in (0, 1):
            name = f'v{label}{k}'
            frames = np.stack([scene(label)] * 8)
            frames[masks > 0] = 255
            write_frames(tmp_path / 'videos' / name, frames)
            write_frames(tmp_path / 'masks' / name, masks)
            videos.append(Annotation(f'{name}.mp4', label))
    library = BackgroundLibrary(
        tmp_path / 'videos', MaskIndex(tmp_path / 'masks')
    )
    return library, swap_names(videos, NAMES)


def test_people_are_painted_out_by_what_was_behind_them(material):
    library, names = material
    for name, label in names.items():
        people = library.open(name)
        for frame in people.scenes.read(range(8)):
            assert np.abs(frame.astype(int) - scene(label)).max() <= 1


def test_what_is_never_seen_is_painted_from_its_surroundings(tmp_path):
    frames = np.full((5, 32, 32, 3), 90, np.uint8)
    frames[:, 12:20, 12:20] = 250
    masks = box_masks(5, 32, 32, (12, 12, 20, 20))
    opened = [
        open_frames(write_frames(tmp_path / name, images))
        for name, images in (('frames', frames), ('masks', masks))
    ]
    (clean,) = PaintedOut(*opened).read([3])
    assert np.abs(clean.astype(int) - 90).max() <= 2


def test_names_of_classes_are_folders(material):
    assert list(material[1]) == [
        *('surfing/v00', 'surfing/v01'),
        *('driving a car tractor/v10', 'driving a car tractor/v11'),
    ]


@pytest.mark.parametrize('kind', ['random', 'same'])
def test_draws_depend_on_the_seed_and_the_names_alone(material, kind):
    library, names = material
    swaps, left_out = draw_swaps(names, library, kind, seed=1)
    assert [swap.foreground for swap in swaps] == list(names)
    assert not left_out
    for swap in swaps:
        same = swap.label == swap.background_label
        assert same == (kind == 'same')
        assert swap.foreground != swap.background
        assert swap.background_frames == 8
        assert swap.background_label == names[swap.background]
    turned = dict(reversed(names.items()))
    again, _ = draw_swaps(turned, library, kind, seed=1)
    assert sorted(again) == sorted(swaps)
    if kind == 'random':
        draws = [draw_swaps(names, library, kind, s)[0] for s in range(6)]
        assert len({tuple(draw) for draw in draws}) > 1


def test_videos_that_cannot_be_swapped_are_named(material, tmp_path):
    library, names = material
    names['surfing/unknown'] = 0
    (tmp_path / 'videos/v11/frame000003.png').unlink()
    swaps, left_out = draw_swaps(names, library, 'same', seed=0)
    assert [swap.foreground for swap in swaps] == [
        'surfing/v00',
        'surfing/v01',
    ]
    assert left_out == {
        'surfing/unknown': 'no video of surfing/unknown',
        'driving a car tractor/v11': left_out['driving a car tractor/v11'],
        'driving a car tractor/v10': "no background for a 'same' swap",
    }
    assert 'frame 3 is missing' in left_out['driving a car tractor/v11']
    with pytest.raises(ValueError, match="'close' is none of"):
        draw_swaps(names, library, 'close', seed=0)


def test_videos_show_the_person_in_the_other_scene(material, tmp_path):
    library, names = material
    swap = Swap('surfing/v00', 'driving a car tractor/v10', 8, 1, 0)
    gone = Swap('surfing/gone', 'driving a car tractor/v10', 8, 1, 0)
    out = tmp_path / 'out'
    found = list(make_swaps([swap, gone], library, out))
    assert found[0] == (swap, out / 'surfing/v00.mp4', '')
    assert found[1][2] == 'no video of surfing/gone'
    source = open_frames(found[0][1])
    frames = np.stack(source.read(range(len(source)))).astype(int)
    assert frames.shape == (8, 32, 64, 3) and source.fps == 25
    wanted = np.stack([scene(1)] * 8).astype(int)
    wanted[box_masks(8, 32, 64, BOX, STEP) > 0] = 255
    assert np.abs(frames - wanted).mean() < 8  # MPEG-4
    stamp = found[0][1].stat().st_mtime_ns
    list(make_swaps([swap], library, out))
    assert found[0][1].stat().st_mtime_ns == stamp


def test_damaged_videos_are_not_swapped(material, tmp_path):
    film = write_cut_off(tmp_path / 'videos' / 'cut.avi')
    count = len(open_frames(film))
    write_frames(tmp_path / 'masks/cut', box_masks(count, 48, 64, BOX))
    library = BackgroundLibrary(
        tmp_path / 'videos', MaskIndex(tmp_path / 'masks')
    )
    swap = Swap('surfing/cut', 'driving a car tractor/v10', 8, 1, 0)
    ((_, path, reason),) = make_swaps([swap], library, tmp_path / 'out')
    assert reason.startswith('damaged: ')
    assert not path.exists()


def test_scenes_of_an_inpainting_network_are_taken(material, tmp_path):
    videos, masks = tmp_path / 'videos', MaskIndex(tmp_path / 'masks')
    painted = noise(8, 32, 64)
    write_frames(tmp_path / 'painted/v00', painted)
    write_frames(tmp_path / 'painted/v10', painted[:5])
    library = BackgroundLibrary(videos, masks, tmp_path / 'painted')
    scenes = library.open('v00').scenes
    assert np.array_equal(scenes.read([2])[0], painted[2])
    with pytest.raises(FileNotFoundError, match='no painted-out.*v01'):
        library.open('v01')
    with pytest.raises(OSError, match='5 frames, the list says 8'):
        library.open('v10')


def test_jpeg_frames_in_the_layout_of_hat_are_swapped(tmp_path):
    folder = tmp_path / 'ori/archery/01xStFVYC7U_000011_000021'
    write_frames(folder, noise(4, 256, 456), '{:06d}.jpg')
    person = open_frames(folder)
    assert person.read([0])[0].shape == (256, 456, 3)
    box = (210, 40, 350, 256)
    masks = write_frames(tmp_path / 'm', box_masks(4, 256, 456, box))
    behind = write_frames(tmp_path / 's', noise(6, 128, 160))
    place = write_frames(
        tmp_path / 'sm', box_masks(6, 128, 160, (20, 20, 60, 120))
    )
    swap = ActionSwap(
        person, *map(open_frames, (masks, behind, place)), counts=(4, 6)
    )
    shift = swap.shift()
    # centres: 279.5, 147.5 and, at twice the size, 79.5, 139.5
    assert shift == (-200, -8)
    frame = swap.render([3], shift)[0]
    assert frame.shape == (256, 320, 3)
    original = person.read([3])[0]
    assert np.array_equal(frame[32:248, 10:150], original[40:256, 210:350])
