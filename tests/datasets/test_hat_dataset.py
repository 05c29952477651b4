import logging

import cv2
import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

import mmovar  # noqa: F401
from helpers.clips import write_video
from helpers.frame_folders import (
    box_masks,
    frames_of,
    noise,
    pipeline,
    write_frames,
)
from helpers.published import published

BOW, TOY = 'Archery/v_Archery_g01_c01', 'YoYo/v_YoYo_g02_c03'
COUNT, SIZE, BOX, STEP = (
    {BOW: 6, TOY: 10},
    {BOW: (12, 20), TOY: (24, 36)},
    {BOW: (2, 3, 7, 9), TOY: (20, 8, 26, 20)},
    {BOW: (2, 0), TOY: (-1, 0)},
)
FRAMES = {n: noise(COUNT[n], *SIZE[n], seed=len(n)) for n in (BOW, TOY)}
SCENES = {n: noise(COUNT[n], *SIZE[n], seed=9) for n in (BOW, TOY)}
MASKS = {n: box_masks(COUNT[n], *SIZE[n], BOX[n], STEP[n]) for n in (BOW, TOY)}


@pytest.fixture
def root(tmp_path):
    """Two videos in the layout of UCF-HAT, with a list of each kind."""
    for name in (BOW, TOY):
        for tree, images, template, first in (
            ('rawframes', FRAMES, 'image_{:05d}.png', 1),
            ('seg', MASKS, 'img_{:05d}.png', 0),
            ('inpaint', SCENES, 'img_{:05d}.png', 0),
        ):
            folder = tmp_path / 'hat' / tree / name
            write_frames(folder, images[name], template, first)
    (tmp_path / 'swaps.csv').write_text(
        f'fg,bg,bg_frames,bg_label0\n{BOW},{TOY},10,100\n{TOY},{BOW},6,2\n'
    )
    (tmp_path / 'list.csv').write_text(f'{BOW} 6 2\n{TOY} 10 100\n')
    return tmp_path


def build(root, variant='close', **kwargs):
    init_default_scope('mmaction')
    swap = variant not in ('scene_only', 'human_only')
    settings = dict(
        type='HATDataset',
        ann_file='swaps.csv' if swap else 'list.csv',
        classnames='ucf101',
        data_root=str(root),
        hat_root='hat',
        variant=variant,
        pipeline=pipeline(num_frames=3),
        test_mode=True,
    )
    return DATASETS.build({**settings, **kwargs})


def centre(mask):
    points = [
        (x, y)
        for y in range(mask.shape[0])
        for x in range(mask.shape[1])
        if mask[y, x] > 128
    ]
    if not points:
        return mask.shape[1] / 2, mask.shape[0] / 2
    return tuple(sum(axis) / len(points) for axis in zip(*points, strict=True))


def plain_swap(person, place, sampled, rule, align, empty=()):
    """Render a swap pixel by pixel, as section 2.1 of HAT's facts says."""
    n, m = COUNT[person], COUNT[place]
    masks = MASKS[person].copy()
    for index in empty:
        masks[index] = 0
    if rule == 'hat':
        to_place = [min(round(i / n * m), m - 1) for i in range(n)]
    else:
        to_place = np.linspace(1, m, n, endpoint=False).astype(int) - 1
    short, (height, width) = min(SIZE[person]), SIZE[place]
    size = tuple(
        round(s * short / min(height, width)) for s in (width, height)
    )
    first = 0 if align == 'first_frame' else sampled[0]
    behind = cv2.resize(
        MASKS[place][to_place[first]], size, interpolation=cv2.INTER_NEAREST
    )
    goal, start = centre(behind), centre(masks[first])
    dx, dy = int(goal[0] - start[0]), int(goal[1] - start[1])
    out = []
    for i in sampled:
        canvas = cv2.resize(SCENES[place][to_place[i]], size)
        for y in range(SIZE[person][0]):
            for x in range(SIZE[person][1]):
                to_y, to_x = y + dy, x + dx
                inside = 0 <= to_y < size[1] and 0 <= to_x < size[0]
                if inside and masks[i, y, x] > 128:
                    canvas[to_y, to_x] = FRAMES[person][i, y, x]
        out.append(canvas)
    return np.stack(out)


@pytest.mark.parametrize('rule', ['hat', 'devias'])
@pytest.mark.parametrize('align', ['first_frame', 'first_sampled'])
def test_swaps_are_rendered_as_the_plain_reference(root, rule, align):
    dataset = build(root, index_rule=rule, align=align)
    assert len(dataset) == 2
    for index, (person, place, sampled) in enumerate(
        [(BOW, TOY, [1, 3, 5]), (TOY, BOW, [1, 5, 8])]
    ):
        data = dataset[index]
        wanted = plain_swap(person, place, sampled, rule, align)
        assert np.array_equal(frames_of(data)[0], wanted)
        sample = data['data_samples']
        assert sample.gt_label.tolist() == [[2, 100][index]]
        assert sample.metainfo['background_label'] == [100, 2][index]
        assert sample.metainfo['filename'].endswith(person)


def test_alignments_differ_and_an_empty_mask_counts_as_the_centre(root):
    both = [
        plain_swap(BOW, TOY, [1, 3, 5], 'hat', align)
        for align in ('first_frame', 'first_sampled')
    ]
    assert not np.array_equal(*both)
    blank = np.zeros(SIZE[BOW], np.uint8)
    cv2.imwrite(str(root / 'hat/seg' / BOW / 'img_00000.png'), blank)
    wanted = plain_swap(BOW, TOY, [1, 3, 5], 'hat', 'first_frame', empty=[0])
    assert np.array_equal(frames_of(build(root)[0])[0], wanted)


def test_views_of_a_video_show_one_and_the_same_shift(root):
    steps = pipeline(num_frames=3, num_clips=2)
    seen = frames_of(build(root, pipeline=steps, align='first_sampled')[0])
    wanted = plain_swap(BOW, TOY, [0, 2, 4, 1, 3, 5], 'hat', 'first_sampled')
    assert np.array_equal(seen.reshape(6, *seen.shape[2:]), wanted)


def test_scene_only_and_human_only(root):
    (scene, _), (human, _) = (
        list(build(root, variant)) for variant in ('scene_only', 'human_only')
    )
    assert np.array_equal(frames_of(scene)[0], SCENES[BOW][[1, 3, 5]])
    wanted = np.empty_like(FRAMES[BOW][[1, 3, 5]])
    wanted[:] = (123, 117, 104)
    for k, i in enumerate((1, 3, 5)):
        x = 2 + 2 * i
        wanted[k, 3:9, x : x + 5] = FRAMES[BOW][i, 3:9, x : x + 5]
    assert np.array_equal(frames_of(human)[0], wanted)
    assert 'background_label' not in human['data_samples'].metainfo


def test_the_layout_of_kinetics_is_found(root):
    hat = root / 'hat'
    for tree, other in (('rawframes', 'original'), ('seg', 'seg')):
        (hat / tree).rename(hat / f'{tree}_old')
        for name in (BOW, TOY):
            folder = hat / other / 'videos' / name.split('/')[1]
            folder.parent.mkdir(parents=True, exist_ok=True)
            (hat / f'{tree}_old' / name).rename(folder)
    (hat / 'inpaint').rename(hat / 'inp')
    wanted = plain_swap(BOW, TOY, [1, 3, 5], 'hat', 'first_frame')
    assert np.array_equal(frames_of(build(root)[0])[0], wanted)


def test_rendered_videos_are_taken_as_they_are(root):
    for name in (BOW, TOY):
        write_video(root / 'hat/swapped' / f'{name}.mp4', gray=100)
    data = build(root, rendered='swapped')[1]
    assert abs(data['inputs'].float().mean() - 100) < 4
    assert data['data_samples'].metainfo['background_label'] == 2
    with pytest.raises(ValueError, match='human_only'):
        build(root, 'human_only', rendered='swapped')


def unreadable(dataset):
    paths = [d['data_samples'].metainfo['unreadable'] for d in dataset]
    return [path and path.rsplit('/', 1)[-1] for path in paths]


def remove(folder, count):
    for path in sorted(folder.iterdir())[-count:]:
        path.unlink()


def test_a_tree_may_lack_two_frames_at_the_end_and_no_more(root):
    remove(root / 'hat/inpaint' / TOY, 2)
    remove(root / 'hat/seg' / TOY, 2)
    assert unreadable(build(root)) == [None, None]
    remove(root / 'hat/inpaint' / TOY, 1)
    assert unreadable(build(root)) == ['v_Archery_g01_c01', None]
    remove(root / 'hat/seg' / TOY, 1)
    with pytest.raises(RuntimeError, match='none of 2 videos'):
        build(root)[0]


def test_a_missing_video_is_counted_and_a_missing_tree_is_an_error(root):
    (root / 'hat/inpaint' / BOW).rename(root / 'gone')
    assert unreadable(build(root)) == [None, 'v_YoYo_g02_c03']
    (root / 'hat/inpaint').rename(root / 'hat/other')
    with pytest.raises(FileNotFoundError, match="inpaint or inp.*'close'"):
        build(root)
    assert unreadable(build(root, 'human_only')) == [None, None]


def test_bad_input_is_one_clear_error(root):
    for variant in ('near', 'sinusoidal'):
        with pytest.raises(ValueError, match=f"'{variant}' is none of"):
            build(root, variant)
    with pytest.raises(ValueError, match='test_mode'):
        build(root, test_mode=False)
    with pytest.raises(ValueError, match='align'):
        build(root, align='last')
    with pytest.raises(ValueError, match='swap lists count classnames'):
        build(root, list_classnames='ucf101')
    (root / 'list.csv').write_text(f'{BOW} 6 3\n{TOY} 10 100\n')
    with pytest.raises(ValueError, match='line 1.*do not fit'):
        build(root, 'scene_only')


def test_label_0_against_the_folder_is_repaired_and_counted(root, caplog):
    MMLogger.get_instance('hat')
    logger = MMLogger.get_current_instance()
    (root / 'list.csv').write_text(f'{BOW} 6 0\n{TOY} 10 100\n{TOY} 10 100\n')
    with caplog.at_level(logging.WARNING):
        logger.addHandler(caplog.handler)
        dataset = build(root, 'scene_only')
        logger.removeHandler(caplog.handler)
    assert [dataset.get_data_info(i)['label'] for i in (0, 1)] == [2, 100]
    assert '1 of 3 lines have label 0' in caplog.text


@pytest.mark.parametrize(
    ('variant', 'file', 'size'),
    [
        ('close', 'ucf101_close_1.csv', 1562),
        ('far', 'ucf101_far_1.csv', 1200),
        ('human_only', 'ucf101_list.csv', 3783),
    ],
)
def test_published_lists(root, variant, file, size):
    path = published(f'hat/{file}')
    names = path.read_text().splitlines()[1].split(',')[:2]
    for name in names:
        for tree in ('rawframes', 'seg', 'inpaint'):
            folder = root / 'hat' / tree / name.split(' ')[0]
            write_frames(folder, noise(1, 4, 4))
    dataset = build(root, variant, ann_file=str(path))
    assert len(dataset) == size
