import logging

import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

import mmovar  # noqa: F401
from helpers.clips import truncate, write_text, write_video
from helpers.frame_folders import frames_of, noise, pipeline, write_frames
from helpers.published import published

ARCHERY, YOYO = 'v_Archery_g01_c02', 'v_YoYo_g03_c01'
CLIPS = [f'{ARCHERY}__0', f'{ARCHERY}__1', f'{YOYO}__0']
FRAMES = {name: noise(9, 12, 16, seed=i) for i, name in enumerate(CLIPS)}
LABELS = [2, 2, 100]


@pytest.fixture
def root(tmp_path):
    """Three clips as the authors lay them out, and their list."""
    for name in CLIPS:
        write_frames(tmp_path / 'clips' / name, FRAMES[name])
    lines = [
        f'{name} 9 {label}\n'
        for name, label in zip(CLIPS, LABELS, strict=True)
    ]
    (tmp_path / 'list.txt').write_text(''.join(lines))
    return tmp_path


def build(root, **kwargs):
    init_default_scope('mmaction')
    settings = dict(
        type='SCUBADataset',
        ann_file='list.txt',
        classnames='ucf101',
        data_root=str(root),
        scuba_root='clips',
        pipeline=pipeline(num_frames=3, num_clips=2),
        test_mode=True,
    )
    return DATASETS.build({**settings, **kwargs})


@pytest.fixture
def warnings(caplog):
    """Collect what is logged."""
    MMLogger.get_instance('scuba')
    logger = MMLogger.get_current_instance()
    with caplog.at_level(logging.WARNING):
        logger.addHandler(caplog.handler)
        yield caplog
        logger.removeHandler(caplog.handler)


def test_frames_are_those_of_the_folder_under_the_label_of_the_list(root):
    dataset = build(root)
    assert len(dataset) == 3
    for index, name in enumerate(CLIPS):
        data = dataset[index]
        # centres of halves of thirds: 2 clips of 3 frames of 9
        wanted = FRAMES[name][[0, 3, 6, 2, 5, 8]].reshape(2, 3, 12, 16, 3)
        assert np.array_equal(frames_of(data), wanted)
        sample = data['data_samples']
        assert sample.gt_label.tolist() == [LABELS[index]]
        assert sample.metainfo['filename'].endswith(name)
        assert sample.metainfo['unreadable'] is None


@pytest.mark.parametrize(
    ('folder', 'template'),
    [
        ('clips/val', '{:06d}.png'),
        ('clips/generated_videos', 'frame{:06d}.png'),
    ],
)
def test_layouts_of_the_authors_are_found(tmp_path, folder, template):
    for name in CLIPS:
        write_frames(tmp_path / folder / name, FRAMES[name], template)
    (tmp_path / 'list.txt').write_text(f'val/{CLIPS[1]} 9 2\n')
    dataset = build(tmp_path)
    assert np.array_equal(
        frames_of(dataset[0])[0], FRAMES[CLIPS[1]][[0, 3, 6]]
    )


def test_scufo_shows_one_frame_that_never_changes(root):
    still = build(root, scufo=True)
    seen = [frames_of(still[index]) for index in range(3)]
    for name, frames in zip(CLIPS, seen, strict=True):
        first = frames[0, 0]
        assert (frames == first).all()
        assert any(np.array_equal(first, frame) for frame in FRAMES[name])
    loader = DataLoader(
        still, num_workers=1, collate_fn=pseudo_collate, shuffle=False
    )
    for epoch in range(2):
        still.set_epoch(epoch, seed=epoch)
        for batch, frames in zip(loader, seen, strict=True):
            read = batch['inputs'][0].permute(0, 2, 3, 4, 1).numpy()
            assert np.array_equal(read, frames)
    frames = noise(200, 2, 2, seed=5)
    for i in range(8):
        write_frames(root / 'clips' / f'v_YoYo_g01_c0{i}__0', frames)
    chosen = [
        {
            frames_of(data)[0, 0].tobytes()
            for data in build(root, ann_file=None, scufo=True, seed=seed)
        }
        for seed in (0, 1)
    ]
    assert len(chosen[0]) > 8  # not the same frame of each video
    assert chosen[0] != chosen[1]


def test_without_a_list_names_tell_the_class(root, warnings):
    write_frames(root / 'clips' / 'v_Flying_g01_c01__0', noise(2, 4, 4))
    dataset = build(root, ann_file=None)
    found = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [info['label'] for info in found] == LABELS
    assert '1 of 4 clips' in warnings.text
    assert 'v_Flying_g01_c01__0' in warnings.text


def test_names_that_tell_no_class_need_a_list(tmp_path):
    name = '6IbvOJxXnOo_000047_000057'
    write_frames(tmp_path / 'clips/val' / f'{name}__0', noise(4, 4, 4))
    with pytest.raises(ValueError, match='1 clips.*give ann_file'):
        build(tmp_path, ann_file=None, classnames='kinetics400')


def test_hmdb51_clips_need_no_list(tmp_path):
    name = "Ball_(x)&[y]!'_kick_ball_f_cm_np1_le_med_0__3"
    write_frames(tmp_path / 'clips' / name, noise(4, 4, 4))
    dataset = build(tmp_path, ann_file=None, classnames='hmdb51')
    assert dataset.metainfo['classes'][dataset.get_data_info(0)['label']] == (
        'kick ball'
    )
    with pytest.raises(ValueError, match='wrong on purpose'):
        build(tmp_path, ann_file=None, classnames='hmdb51_legacy_names')


def unreadable(dataset):
    found = []
    for index, data in enumerate(dataset):
        path = data['data_samples'].metainfo['unreadable']
        if path is not None:
            assert not data['inputs'].any()
            assert data['data_samples'].gt_label.tolist() == [LABELS[index]]
            found.append(path.rsplit('/', 1)[-1])
    return found


def test_truncated_and_missing_clips_are_counted_by_name(root, warnings):
    (root / 'clips' / CLIPS[1] / 'frame000009.png').unlink()
    assert unreadable(build(root)) == [CLIPS[1]]
    assert warnings.text.count('are not in') == 0
    (root / 'clips' / CLIPS[2]).rename(root / 'elsewhere')
    assert unreadable(build(root)) == [CLIPS[1], CLIPS[2]]
    assert f'1 of 3 clips are not in {root}/clips: {CLIPS[2]}' in warnings.text


def test_frames_beyond_the_list_are_not_used(root):
    write_frames(root / 'clips' / CLIPS[0], noise(9, 12, 16, seed=8), first=10)
    assert np.array_equal(
        frames_of(build(root)[0])[0], FRAMES[CLIPS[0]][[0, 3, 6]]
    )


@pytest.mark.parametrize('break_file', [truncate, write_text])
def test_clips_may_be_videos_and_broken_ones_are_counted(tmp_path, break_file):
    for name in CLIPS:
        write_video(tmp_path / 'clips' / f'{name}.mp4', num_frames=9)
    broken = tmp_path / 'clips' / f'{CLIPS[1]}.mp4'
    break_file(broken)
    assert unreadable(build(tmp_path, ann_file=None)) == [broken.name]


def test_bad_input_is_one_clear_error(root):
    with pytest.raises(FileNotFoundError, match='not found.*nowhere'):
        build(root, scuba_root='nowhere')
    (root / 'empty').mkdir()
    with pytest.raises(FileNotFoundError, match='none of the 3 clips'):
        build(root, scuba_root='empty')
    with pytest.raises(ValueError, match='test_mode must be True'):
        build(root, test_mode=False)
    with pytest.raises(ValueError, match="'VideoInit'.*replaced"):
        build(root, pipeline=pipeline()[1:])
    for label, message in ((3, 'do not fit'), (101, 'out of range')):
        (root / 'bad.txt').write_text(f'{CLIPS[0]} 9 {label}\n')
        with pytest.raises(ValueError, match=f'bad.txt, line 1.*{message}'):
            build(root, ann_file='bad.txt')


def test_classes_without_a_clip_are_named(root, warnings):
    names = ['Archery', 'Yo Yo', 'Typing']
    (root / 'list.txt').write_text(f'{CLIPS[0]} 9 0\n{CLIPS[2]} 9 1\n')
    build(root, classnames=names)
    assert '1 of 3 classes have no video' in warnings.text
    assert 'Typing' in warnings.text


def test_the_published_list_has_4550_clips(tmp_path, warnings):
    write_frames(tmp_path / 'clips/v_Basketball_g01_c01__2', noise(44, 4, 4))
    path = published('scuba/ucf101_scuba.txt')
    dataset = build(tmp_path, ann_file=str(path))
    assert len(dataset) == 4550
    assert '4549 of 4550 clips are not in' in warnings.text
    infos = map(dataset.get_data_info, range(4550))
    assert len({info['label'] for info in infos}) == 24
