"""Built-in lists against the files that the authors published."""

import csv
import json

import pytest

from helpers.published import STORED, published, write_rephrased
from mmovar.vocabulary import (
    ep1_draws,
    hmdb51_legacy_names,
    read_classnames,
    spell,
)


def rows(path):
    """Names of a csv in the order of its rows, as ViFi-CLIP reads it."""
    with published(path).open(encoding='utf-8-sig', newline='') as file:
        return tuple(row[1] for row in list(csv.reader(file))[1:] if row)


def numbered(path):
    names = json.loads(published(path).read_text())
    return tuple(names[str(label)] for label in range(len(names)))


@pytest.mark.parametrize(
    ('name', 'path'),
    [
        ('ssv2', 'ssv2/labels_vifi.csv'),
        ('hmdb51_legacy_names', 'hmdb51/labels_vifi.csv'),
        ('hmdb51_base_legacy_names', 'hmdb51/base2novel/base_labels.csv'),
        ('hmdb51_novel_legacy_names', 'hmdb51/base2novel/novel_labels.csv'),
        ('ucf101:camel', 'ucf101/labels_vifi.csv'),
        ('ucf101_base:camel', 'ucf101/base2novel/base_labels.csv'),
        ('ucf101_novel:camel', 'ucf101/base2novel/novel_labels.csv'),
        ('kinetics400_base', 'kinetics400/base2novel/base_labels.csv'),
        ('kinetics400_novel', 'kinetics400/base2novel/novel_labels.csv'),
        ('ssv2_base', 'ssv2/base2novel/base_labels.csv'),
        ('ssv2_novel', 'ssv2/base2novel/novel_labels.csv'),
        ('kinetics600_split1', 'kinetics600/zs_split1_labels.csv'),
        ('kinetics600_split2', 'kinetics600/zs_split2_labels.csv'),
        ('kinetics600_split3', 'kinetics600/zs_split3_labels.csv'),
        (
            'kinetics400_temporal32',
            'kinetics400/temporal_static/temporal32_labels.csv',
        ),
        (
            'kinetics400_static32',
            'kinetics400/temporal_static/static32_labels.csv',
        ),
        ('ssv2_temporal18', 'ssv2/temporal_static/temporal18_labels.csv'),
        ('ssv2_static16', 'ssv2/temporal_static/static16_labels.csv'),
    ],
)
def test_built_in_list_is_the_published_one(name, path):
    assert read_classnames(name) == rows(path)
    assert read_classnames(published(path)) == rows(path)


@pytest.mark.parametrize(
    'name', ['kinetics400', 'kinetics600', 'ucf101:camel', 'hmdb51:snake']
)
def test_built_in_list_is_the_label_map_of_mmaction2(name):
    path = published(f'{name.partition(":")[0]}/label_map.txt')
    assert read_classnames(name) == read_classnames(path)


@pytest.mark.parametrize(
    ('name', 'path'),
    [
        ('ucf101', 'ucf101/labels_openvclip_index2cls.json'),
        ('hmdb51', 'hmdb51/labels_openvclip_index2cls.json'),
    ],
)
def test_built_in_list_is_the_one_of_open_vclip(name, path):
    assert read_classnames(name) == numbered(path)
    assert read_classnames(published(path)) == numbered(path)


def test_labels_of_hat_without_a_header_are_read():
    path = published('hat/ucf101_labels.csv')
    assert read_classnames(path) == read_classnames('ucf101:camel')


def test_official_json_of_ssv2_is_read():
    path = published('ssv2/something-something-v2-labels.json')
    assert read_classnames(path) == read_classnames('ssv2')


@pytest.mark.parametrize('dataset', ['ucf101', 'hmdb51'])
def test_ep1_rule_gives_the_published_draws(dataset):
    draws = ep1_draws(dataset)
    folder = f'{dataset}/ep1_half/'
    stored = [name for name in STORED if name.startswith(folder)]
    assert stored
    for name in stored:
        trial = int(name.removeprefix(folder).partition('_')[0])
        assert draws[trial] == numbered(name)


def test_k600_splits_follow_the_indices_of_er():
    names = published('kinetics600/er_classes620.txt').read_text().splitlines()
    splits = json.loads(
        published('kinetics600/er_tst_class_idxs.json').read_text()
    )
    for number, labels in enumerate(splits, start=1):
        expected = sorted(names[label] for label in labels)
        assert list(read_classnames(f'kinetics600_split{number}')) == expected


@pytest.mark.parametrize('name', ['ucf101', 'kinetics400', 'hmdb51_novel'])
@pytest.mark.parametrize('indent', [None, 4])
def test_rephrased_list_is_read_in_label_order(tmp_path, name, indent):
    names = read_classnames(name)
    path = write_rephrased(tmp_path / 'llm.json', names, indent)
    rephrased = read_classnames(path)
    assert [text.partition(': ')[0].lower() for text in rephrased] == [
        name.lower() for name in names
    ]
    assert all(': A person' in text for text in rephrased)


def test_spaced_style_undoes_the_folders_of_ucf101():
    folders = read_classnames(published('ucf101/label_map.txt'))
    assert spell(folders, 'spaced') == read_classnames('ucf101')


def test_legacy_names_differ_in_four_rows():
    right, legacy = read_classnames('hmdb51'), hmdb51_legacy_names()
    differ = [i for i in range(51) if right[i] != legacy[i]]
    assert differ == [20, 21, 44, 45]
