import copy

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

import mmovar  # noqa: F401
from helpers.clips import damage_frames, truncate, write_text, write_video
from mmovar.datasets import frame_pipeline
from mmovar.vocabulary import read_classnames

CROP = [
    dict(type='RandomCrop', size=24),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='ClipColorJitter'),
]


def pipeline(*augmentation, **sampling):
    sampling = sampling or dict(clip_len=4, test_mode=True)
    return [
        dict(type='VideoInit'),
        dict(type='UniformSample', **sampling),
        dict(type='VideoDecode'),
        *augmentation,
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs', meta_keys=('img_shape', 'filename')),
    ]


@pytest.fixture
def root(tmp_path):
    """Eight videos of two classes, each of its own grey value."""
    lines = []
    for index in range(8):
        name = f'{"ab"[index % 2]}/{index}.mp4'
        write_video(tmp_path / 'videos' / name, gray=20 * index + 10)
        lines.append(f'{name} {index % 2}')
    (tmp_path / 'list.txt').write_text('\n'.join(lines))
    return tmp_path


def build(root, **kwargs):
    init_default_scope('mmaction')
    settings = dict(
        type='OpenVocabularyDataset',
        ann_file='list.txt',
        classnames=['a', 'b'],
        data_root=str(root),
        data_prefix=dict(video='videos'),
        pipeline=pipeline(),
    )
    return DATASETS.build({**settings, **kwargs})


def meta(data):
    return data['data_samples'].metainfo


def test_sample_has_frames_label_and_names(root):
    dataset = build(root, test_mode=True)
    assert len(dataset) == 8
    assert dataset.metainfo['classes'] == ('a', 'b')
    data = dataset[3]
    assert data['inputs'].shape == (1, 3, 4, 32, 32)
    assert data['inputs'].float().mean() == pytest.approx(70, abs=3)
    assert data['data_samples'].gt_label.tolist() == [1]
    assert meta(data)['unreadable'] is None
    assert meta(data)['filename'] == str(root / 'videos/b/3.mp4')


def test_class_names_may_come_from_a_file_below_data_root(root):
    (root / 'names.csv').write_text('id,name\n0,running\n1,diving\n')
    dataset = build(root, classnames='names.csv', metainfo=dict(note='x'))
    assert dataset.metainfo == dict(classes=('running', 'diving'), note='x')


def test_several_lists_are_read_one_after_another(root):
    (root / 'more.txt').write_text('0.mp4,0')
    dataset = build(root, ann_file=['list.txt', 'more.txt'])
    assert len(dataset) == 9
    paths = [dataset.get_data_info(index)['filename'] for index in (0, 8)]
    assert paths == [str(root / 'videos/a/0.mp4')] * 2


def test_order_of_the_classes(root):
    lines = [f'{"ba"[i % 2]}/{i}.mp4 {1 - i % 2}' for i in (5, 0, 2, 3)]
    (root / 'mixed.txt').write_text('\n'.join(lines))
    for name in ('a/5', 'b/0', 'b/2', 'a/3'):
        write_video(root / 'videos' / f'{name}.mp4', gray=90)

    def labels(**kwargs):
        data = build(root, ann_file='mixed.txt', **kwargs)
        names = [data.get_data_info(i)['filename'][-5] for i in range(4)]
        return ''.join(names)

    assert labels() == '5023'
    assert labels(order='class') == '3502'
    with pytest.raises(ValueError, match="'list' or 'class', got 'size'"):
        build(root, order='size')


def test_lazy_and_unserialized_datasets_are_the_same(root):
    dataset = build(root)
    lazy = build(root, lazy_init=True, serialize_data=False)
    assert lazy.metainfo == dataset.metainfo
    lazy.full_init()
    for index in range(8):
        assert lazy.get_data_info(index) == dataset.get_data_info(index)
    subset = dataset.get_subset([1, 2])
    assert subset.get_data_info(0)['filename'].endswith('b/1.mp4')


def test_errors_of_list_and_names_come_at_construction(root):
    with pytest.raises(ValueError, match='line 2: label 1 is out of range'):
        build(root, classnames=['a'])
    with pytest.raises(FileNotFoundError, match='nowhere.txt'):
        build(root, ann_file='nowhere.txt')
    with pytest.raises(FileNotFoundError, match='video folder.*nowhere'):
        build(root, data_prefix=dict(video='nowhere'))
    with pytest.raises(ValueError, match="img.*'x'"):
        build(root, data_prefix=dict(img='x'))


@pytest.fixture(params=['missing', 'text', 'truncated', 'damaged'])
def broken(root, request):
    """Path of a video that cannot be decoded, number 2 of the list."""
    path = root / 'videos/a/2.mp4'
    if request.param == 'missing':
        path.unlink()
    else:
        change = dict(
            text=write_text, truncated=truncate, damaged=damage_frames
        )
        change[request.param](path)
    return str(path)


def test_unreadable_video_is_replaced_in_training(root, broken):
    dataset = build(root)
    data = dataset[2]
    assert meta(data)['unreadable'] == broken
    other = meta(data)['filename']
    assert other != broken
    label = 'ab'.index(other[-7])
    assert data['data_samples'].gt_label.tolist() == [label]
    assert data['inputs'].float().mean() > 5
    assert meta(dataset[2])['filename'] == other
    assert meta(dataset[1])['unreadable'] is None


def test_unreadable_video_is_black_and_keeps_its_label_in_testing(
    root, broken
):
    data = build(root, test_mode=True)[2]
    assert meta(data)['unreadable'] == meta(data)['filename'] == broken
    assert data['data_samples'].gt_label.tolist() == [0]
    assert data['inputs'].shape == (1, 3, 4, 32, 32)
    assert data['inputs'].dtype == torch.uint8
    assert not data['inputs'].any()


def test_no_readable_video_at_all_is_an_error(root):
    for path in (root / 'videos').rglob('*.mp4'):
        write_text(path)
    with pytest.raises(RuntimeError, match='none of 8 videos.*a/2.mp4'):
        build(root)[2]


def test_errors_of_the_program_are_not_hidden(root):
    dataset = build(root, pipeline=pipeline()[1:])
    with pytest.raises(KeyError, match='total_frames'):
        dataset[0]


def augmented(dataset):
    return [dataset[index]['inputs'] for index in range(len(dataset))]


def equal(first, second):
    return all(torch.equal(x, y) for x, y in zip(first, second, strict=True))


def test_augmentation_depends_on_seed_epoch_and_item_only(root):
    dataset = build(root, pipeline=pipeline(*CROP, clip_len=4))
    dataset.set_epoch(1, seed=5)
    first = augmented(dataset)
    np.random.rand(3)
    assert equal(augmented(dataset), first)
    assert torch.equal(dataset[-1]['inputs'], first[-1])
    resumed = build(root, pipeline=pipeline(*CROP, clip_len=4))
    resumed.set_epoch(1, seed=5)
    assert equal(augmented(resumed), first)
    resumed.set_epoch(2, seed=5)
    assert not equal(augmented(resumed), first)
    resumed.set_epoch(1, seed=6)
    assert not equal(augmented(resumed), first)


def test_without_set_epoch_augmentation_follows_the_global_state(root):
    dataset = build(root, pipeline=pipeline(*CROP, clip_len=4))
    assert not equal(augmented(dataset), augmented(dataset))


def test_reading_leaves_the_global_random_state_alone(root):
    dataset = build(root, pipeline=pipeline(*CROP, clip_len=4))
    dataset.set_epoch(0)
    np.random.seed(0)
    expected = np.random.rand()
    np.random.seed(0)
    augmented(dataset)
    assert np.random.rand() == expected


def test_persistent_workers_see_the_epoch(root):
    dataset = copy.deepcopy(build(root, pipeline=pipeline(*CROP, clip_len=4)))
    loader = DataLoader(
        dataset,
        batch_size=4,
        num_workers=1,
        persistent_workers=True,
        collate_fn=pseudo_collate,
    )
    for epoch in range(2):
        dataset.set_epoch(epoch, seed=1)
        read = [clip for batch in loader for clip in batch['inputs']]
        assert equal(read, augmented(dataset))


def test_some_classes_of_a_list_make_a_dataset(root):
    dataset = build(root, classnames=['b'], list_classnames=['a', 'b'])
    assert len(dataset) == 4
    assert dataset.metainfo['classes'] == ('b',)
    for index in range(4):
        info = dataset.get_data_info(index)
        assert info['label'] == 0
        assert info['filename'].split('/')[-2] == 'b'


def test_classes_without_video_are_named_in_a_warning(root, caplog):
    MMLogger.get_instance('absent')
    with caplog.at_level('WARNING'):
        logger = MMLogger.get_current_instance()
        logger.addHandler(caplog.handler)
        build(root, classnames=['a', 'b', 'flying'])
        logger.removeHandler(caplog.handler)
    assert '1 of 3 classes have no video' in caplog.text
    assert 'flying' in caplog.text


def test_novel_videos_do_not_fit_the_names_of_base_classes(root, caplog):
    name = read_classnames('ucf101_novel:camel')[0]
    stem = f'v_{name}_g01_c01'
    write_video(root / 'videos' / f'{stem}.mp4')
    (root / 'novel.txt').write_text(f'{stem}.avi 2')
    with pytest.raises(ValueError, match=f'1 classes.*51 class.*{name}'):
        build(root, ann_file='novel.txt', classnames='ucf101_base')
    MMLogger.get_instance('foreign')
    with caplog.at_level('WARNING'):  # names may be rephrased
        logger = MMLogger.get_current_instance()
        logger.addHandler(caplog.handler)
        names = ['a', 'b', 'shooting with a bow']
        build(root, ann_file='novel.txt', classnames=names)
        logger.removeHandler(caplog.handler)
    assert f'such as {name!r}' in caplog.text


def test_legacy_names_of_hmdb51_are_used_only_by_name(tmp_path):
    stem = 'Ball_kick_ball_f_cm_np1_le_med_0'
    write_video(tmp_path / 'videos' / f'{stem}.mp4')
    (tmp_path / 'list.txt').write_text(f'{stem}.avi 21')
    names = read_classnames('hmdb51_legacy_names')
    with pytest.raises(ValueError, match='do not fit'):
        build(tmp_path, classnames=names)
    dataset = build(tmp_path, classnames='hmdb51_legacy_names')
    assert names[dataset.get_data_info(0)['label']] == 'kick'


def test_a_damaged_video_is_scored_and_told(root):
    path = root / 'videos' / 'b' / '3.mp4'
    content = path.read_bytes()
    start = content.index(b'mdat') + 4
    path.write_bytes(content[: start + 60] + bytes(20) + content[start + 80 :])
    data = build(root, test_mode=True)[3]
    assert meta(data)['unreadable'] is None
    assert str(path) in meta(data)['damaged']
    assert 'damaged' not in meta(build(root)[2])


def test_decord_steps_of_mmaction2_are_warned_of_once(root, monkeypatch):
    steps = [dict(type='DecordInit'), *pipeline()[1:]]
    steps[2] = dict(type='DecordDecode')
    told = []
    monkeypatch.setattr(
        frame_pipeline, 'print_log', lambda text, **_: told.append(text)
    )
    frame_pipeline.warn_of_inexact_decoding.cache_clear()
    for _ in range(2):
        build(root, pipeline=steps)
    (text,) = told
    assert 'HMDB51' in text and 'VideoInit' in text
