"""Data sources: what their names stand for."""

import pytest
from mmengine.registry import init_default_scope

import mmovar.datasets.sources as sources
from mmovar.datasets import SOURCES, OpenVocabularyDataset, resolve_source
from mmovar.datasets.sources import source_arguments
from mmovar.vocabulary import read_classnames


def test_few_shot_lists_take_shots_and_base_to_novel_lists_a_draw():
    few = source_arguments('hmdb51_fs', shots=4, data_root='/big')
    assert few == dict(
        type='OpenVocabularyDataset',
        data_root='/big',
        ann_file='datasets_splits/hmdb_splits/train1_few_shot_4.txt',
        classnames='hmdb51',
        data_prefix=dict(video='hmdb51/videos'),
    )
    base = source_arguments('k400_base_fs', draw=3)
    assert base['ann_file'] == (
        'datasets_splits/base2novel_splits/k400_splits/fs_base_s3_train.txt'
    )
    assert base['classnames'] == 'kinetics400_base'


def test_data_root_is_the_argument_then_the_environment_then_data(monkeypatch):
    monkeypatch.delenv('MMOVAR_DATA', raising=False)
    assert source_arguments('ucf101')['data_root'] == 'data'
    monkeypatch.setenv('MMOVAR_DATA', '/videos of mine')
    assert source_arguments('ucf101')['data_root'] == '/videos of mine'
    given = source_arguments('ucf101', data_root='/given')
    assert given['data_root'] == '/given'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(source='hmdb52_fs'), "'hmdb52_fs' is none of"),
        (dict(source='hmdb51_fs'), 'needs shots, got shots=None'),
        (dict(source='ucf101', shots=4), 'has no shots, got shots=4'),
        (dict(source='ssv2_base_fs'), 'needs draw'),
        (dict(source='{dataset}_fs'), 'stands for an option of the config'),
        (dict(source='hmdb51_fs', shots='{shots}'), 'nothing has filled it'),
        (
            dict(source='ucf101', names='gpt'),
            "None, 'folders' or 'llm'.*'gpt'",
        ),
        (dict(source='ssv2_val1', names='llm'), "for 'ssv2'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        source_arguments(**arguments)


def test_every_source_has_class_names_that_are_known():
    for name, source in SOURCES.items():
        if source.classnames and '.' not in source.classnames:
            assert read_classnames(source.classnames), name


def test_rephrased_names_are_files_of_the_labels_folder():
    folder = 'labels/labels_froster'
    for source, file in {
        'k400_train': 'kinetics_400_llm_labels',
        'k400_novel': 'kinetics_400_novel_llm_labels',
        'k600_split2': 'ZS_split2_K600_llm',
        'hmdb51_val1': 'hmdb_51_llm_labels',
        'ucf101_base': 'ucf_101_base_llm_labels',
    }.items():
        found = source_arguments(source, names='llm')['classnames']
        assert found == f'{folder}/{file}.json'


@pytest.mark.parametrize(
    ('source', 'classnames'),
    [
        ('ucf101_val1', 'ucf101:camel'),
        ('ucf101_novel', 'ucf101_novel:camel'),
        ('hmdb51_val1', 'hmdb51'),
        ('k400_train', 'kinetics400'),
    ],
)
def test_names_of_ucf101_may_be_those_of_its_folders(source, classnames):
    found = source_arguments(source, names='folders')
    assert found['classnames'] == classnames


def test_resolving_changes_the_class_and_keeps_names_of_ones_own():
    config = dict(type='OpenVocabularyDataset', pipeline=[], test_mode=True)
    scuba = resolve_source(dict(config, source='ucf101_scufo_vqgan'))
    assert (scuba['type'], scuba['scufo']) == ('SCUBADataset', True)
    assert scuba['scuba_root'] == 'scuba/ucf101_vqgan'
    assert 'source' not in scuba and scuba['test_mode']
    own = resolve_source(dict(config, source='ucf101', classnames=['a', 'b']))
    assert own['classnames'] == ['a', 'b']
    assert resolve_source(config) == config


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Two sources with a list and videos."""
    for name, directed in (('plain', False), ('directed', True)):
        (tmp_path / 'v').mkdir(exist_ok=True)
        (tmp_path / 'list_2.txt').write_text('a.mp4 0\nb.mp4 1\n')
        for video in 'ab':
            (tmp_path / 'v' / f'{video}.mp4').touch()
        source = sources.Source(
            'list_{shots}.txt', 'v', 'names.txt', directed=directed
        )
        monkeypatch.setitem(SOURCES, name, source)
    (tmp_path / 'names.txt').write_text('left\nright\n')
    return str(tmp_path)


def test_a_data_set_is_built_from_a_name(data):
    found = OpenVocabularyDataset(
        source='plain', shots=2, data_root=data, pipeline=[]
    )
    assert [info['label'] for info in found] == [0, 1]
    assert found.metainfo['classes'] == ('left', 'right')


def test_flip_can_be_left_out_where_classes_are_directions(data):
    init_default_scope('mmaction')

    def steps(source, **arguments):
        built = OpenVocabularyDataset(
            source=source,
            shots=2,
            data_root=data,
            pipeline=[dict(type='Flip'), lambda results: results],
            **arguments,
        )
        return len(built.pipeline.transforms)

    assert steps('directed') == steps('plain', flip_directed=False) == 2
    assert steps('directed', flip_directed=False) == 1


def test_videos_that_another_class_reads_are_refused():
    with pytest.raises(ValueError, match='read by HATDataset'):
        OpenVocabularyDataset(source='k400_hat_far_1', pipeline=[])
    with pytest.raises(ValueError, match='ann_file and classnames, or a sour'):
        OpenVocabularyDataset(pipeline=[])
