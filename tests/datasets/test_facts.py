"""The list reader on the files that the authors published."""

from collections import Counter

import pytest

from helpers.published import published
from mmovar.datasets import read_annotation_list
from mmovar.datasets.annotation_list import foreign_classes, select_classes
from mmovar.datasets.io.video_locator import video_stem
from mmovar.vocabulary import class_key, ep1_draws, read_classnames

UCF = [(f'ucf101/vifi/val{n}.txt', 'ucf101') for n in (1, 2, 3)]
UCF_TRAIN = [
    (f'ucf101/official/trainlist0{n}.txt', 'ucf101') for n in (1, 2, 3)
]
UCF_TEST = [(f'ucf101/official/testlist0{n}.txt', 'ucf101') for n in (1, 2, 3)]
HMDB = [(f'hmdb51/vifi/val{n}.txt', 'hmdb51') for n in (1, 2, 3)]
K600 = {
    family: [
        (f'kinetics600/zs_split{n}_eval_{end}', f'kinetics600_split{n}')
        for n in (1, 2, 3)
    ]
    for family, end in (('val', 'openvclip.csv'), ('test', 'vifi.txt'))
}
SIZES = [
    *zip(UCF, (3783, 3734, 3696), strict=True),
    *zip(UCF_TEST, (3783, 3734, 3696), strict=True),
    *zip(UCF_TRAIN, (9537, 9586, 9624), strict=True),
    *zip(HMDB, (1530, 1530, 1530), strict=True),
    (('hmdb51/openvclip_full_test.csv', 'hmdb51'), 5100),
    *zip(K600['val'], (7276, 7226, 7261), strict=True),
    *zip(K600['test'], (14084, 13978, 14136), strict=True),
    (('kinetics400/val.txt', 'kinetics400'), 19877),
    (('kinetics400/openvclip_val.csv', 'kinetics400'), 19761),
    (('kinetics400/train_tiny.txt', 'kinetics400'), 60000),
    (('ssv2/validation.txt', 'ssv2'), 24777),
    (('ssv2/train.txt', 'ssv2'), 168913),
    (('scuba/ucf101_scuba.txt', 'ucf101'), 4550),
    (('hat/ucf101_list.csv', 'ucf101'), 3783),
    (('ucf101/base2novel/base_val.txt', 'ucf101_base'), 2088),
    (('ucf101/base2novel/novel_val.txt', 'ucf101_novel'), 1695),
    (('ucf101/base2novel/base_train.txt', 'ucf101_base'), 5385),
    (('hmdb51/base2novel/base_val.txt', 'hmdb51_base'), 780),
    (('hmdb51/base2novel/novel_val.txt', 'hmdb51_novel'), 750),
    (('kinetics400/base2novel/base_val.txt', 'kinetics400_base'), 9944),
    (('kinetics400/base2novel/novel_val.txt', 'kinetics400_novel'), 9933),
    (('ssv2/base2novel/base_val.txt', 'ssv2_base'), 17562),
    (('ssv2/base2novel/novel_val.txt', 'ssv2_novel'), 7215),
    (
        (
            'kinetics400/temporal_static/val_temporal32.txt',
            'kinetics400_temporal32',
        ),
        1588,
    ),
    (
        (
            'kinetics400/temporal_static/val_static32.txt',
            'kinetics400_static32',
        ),
        1593,
    ),
    (
        ('ssv2/temporal_static/validation_temporal18.txt', 'ssv2_temporal18'),
        3371,
    ),
    (
        ('ssv2/temporal_static/validation_static16.txt', 'ssv2_static16'),
        2225,
    ),
]


def read(path, names):
    return read_annotation_list(published(path), read_classnames(names))


def classes(videos, names):
    """Class by name of each video, the key of both without spelling."""
    names = read_classnames(names)
    return {video_stem(v.path): class_key(names[v.label]) for v in videos}


@pytest.mark.parametrize(
    ('source', 'size'), SIZES, ids=[source[0] for source, _ in SIZES]
)
def test_list_has_its_published_size_and_fits_the_built_in_names(source, size):
    assert len(read(*source)) == size


def test_file_names_and_built_in_names_have_the_same_classes():
    for (path, names), _ in SIZES:
        if path.startswith(('ucf101', 'hmdb51', 'scuba', 'hat')):
            assert not foreign_classes(
                read(path, names), read_classnames(names)
            )


@pytest.mark.parametrize('dataset', ['ucf101', 'hmdb51'])
def test_lists_of_the_other_half_are_found(dataset):
    base = read_classnames(f'{dataset}_base')
    path = published(f'{dataset}/base2novel/novel_val.txt')
    videos = read_annotation_list(path, base)
    novel = read_classnames(f'{dataset}_novel')
    assert len(foreign_classes(videos, base)) == len(novel)


@pytest.mark.parametrize('shots', [2, 4, 8, 16])
@pytest.mark.parametrize('dataset', ['ucf101', 'hmdb51', 'ssv2'])
def test_few_shot_lists_have_as_many_videos_of_each_class(dataset, shots):
    folder = dataset if dataset == 'ssv2' else f'{dataset}/vifi'
    videos = read(f'{folder}/train1_few_shot_{shots}.txt', dataset)
    counts = Counter(video.label for video in videos)
    assert counts == dict.fromkeys(range(len(read_classnames(dataset))), shots)


@pytest.mark.parametrize('seed', [1, 2, 3])
@pytest.mark.parametrize(
    'dataset', ['ucf101', 'hmdb51', 'ssv2', 'kinetics400']
)
def test_base_seeds_have_sixteen_videos_of_each_class(dataset, seed):
    names = f'{dataset}_base'
    videos = read(f'{dataset}/base2novel/fs_base_s{seed}_train.txt', names)
    counts = Counter(video.label for video in videos)
    assert counts == dict.fromkeys(range(len(read_classnames(names))), 16)


@pytest.mark.parametrize('number', [0, 1, 2])
def test_lists_of_all_repositories_agree_on_ucf101(number):
    official = classes(read(*UCF_TEST[number]), 'ucf101')
    assert official == classes(read(*UCF[number]), 'ucf101')


@pytest.mark.parametrize(
    ('dataset', 'full', 'half', 'end'),
    [
        ('ucf101', 'ucf101/vifi/val1.txt', 'base', 'val'),
        ('ucf101', 'ucf101/vifi/val1.txt', 'novel', 'val'),
        ('ucf101', 'ucf101/official/trainlist01.txt', 'base', 'train'),
        ('hmdb51', 'hmdb51/vifi/val1.txt', 'base', 'val'),
        ('hmdb51', 'hmdb51/vifi/val1.txt', 'novel', 'val'),
        ('ssv2', 'ssv2/validation.txt', 'base', 'val'),
        ('ssv2', 'ssv2/validation.txt', 'novel', 'val'),
        ('kinetics400', 'kinetics400/val.txt', 'base', 'val'),
        ('kinetics400', 'kinetics400/val.txt', 'novel', 'val'),
    ],
)
def test_selecting_a_half_gives_the_published_list(dataset, full, half, end):
    names = f'{dataset}_{half}'
    selected = select_classes(
        read(full, dataset), read_classnames(dataset), read_classnames(names)
    )
    published = read(f'{dataset}/base2novel/{half}_{end}.txt', names)
    labels = {video_stem(video.path): video.label for video in selected}
    assert labels == {video_stem(v.path): v.label for v in published}


@pytest.mark.parametrize(
    ('full', 'subset', 'path'),
    [
        (
            'kinetics400/val.txt',
            'kinetics400_temporal32',
            'kinetics400/temporal_static/val_temporal32.txt',
        ),
        (
            'ssv2/validation.txt',
            'ssv2_temporal18',
            'ssv2/temporal_static/validation_temporal18.txt',
        ),
    ],
)
def test_selecting_temporal_classes_gives_the_published_list(
    full, subset, path
):
    dataset = subset.partition('_')[0]
    selected = select_classes(
        read(full, dataset), read_classnames(dataset), read_classnames(subset)
    )
    assert sorted(video[:2] for video in selected) == sorted(
        video[:2] for video in read(path, subset)
    )


def test_ep1_counts_of_ucf101_and_hmdb51():
    ucf = read(*UCF_TRAIN[0]) + read(*UCF_TEST[0])
    sizes = [
        len(select_classes(ucf, read_classnames('ucf101'), names))
        for names in ep1_draws('ucf101')
    ]
    assert (min(sizes), max(sizes)) == (6483, 6696)
    hmdb = read('hmdb51/openvclip_full_test.csv', 'hmdb51')
    for names in ep1_draws('hmdb51'):
        selected = select_classes(hmdb, read_classnames('hmdb51'), names)
        assert len(selected) == 2500


def test_ep2_of_ucf101_is_train_and_test_of_split_1():
    videos = read(*UCF_TRAIN[0]) + read(*UCF_TEST[0])
    assert len({video.path for video in videos}) == len(videos) == 13320


def test_two_families_of_k600_share_no_video():
    for first, second in zip(K600['val'], K600['test'], strict=True):
        mine = {video_stem(video.path) for video in read(*first)}
        assert not mine & {video_stem(video.path) for video in read(*second)}


@pytest.mark.parametrize(
    ('path', 'names'),
    [
        ('hmdb51/vifi/val1.txt', 'hmdb51/labels_vifi.csv'),
        ('hmdb51/vifi/train1_few_shot_2.txt', 'hmdb51/labels_vifi.csv'),
        (
            'hmdb51/base2novel/base_val.txt',
            'hmdb51/base2novel/base_labels.csv',
        ),
        (
            'hmdb51/base2novel/novel_val.txt',
            'hmdb51/base2novel/novel_labels.csv',
        ),
    ],
)
def test_swapped_csv_is_refused_not_scored(path, names):
    with pytest.raises(ValueError, match='class names do not fit the list'):
        read_annotation_list(
            published(path), read_classnames(published(names))
        )
