import pytest

from mmovar.vocabulary import builtin_vocabularies, read_classnames

SIZES = {
    'kinetics400': 400,
    'kinetics600': 600,
    'ucf101': 101,
    'hmdb51': 51,
    'ssv2': 174,
    'kinetics400_base': 200,
    'kinetics400_novel': 200,
    'ucf101_base': 51,
    'ucf101_novel': 50,
    'hmdb51_base': 26,
    'hmdb51_novel': 25,
    'ssv2_base': 87,
    'ssv2_novel': 87,
    'kinetics600_split1': 160,
    'kinetics600_split2': 160,
    'kinetics600_split3': 160,
    'kinetics400_temporal32': 32,
    'kinetics400_static32': 32,
    'ssv2_temporal18': 18,
    'ssv2_static16': 16,
    **{f'ucf101_ep1_{trial}': 50 for trial in range(10)},
    **{f'hmdb51_ep1_{trial}': 25 for trial in range(10)},
    'hmdb51_legacy_names': 51,
    'hmdb51_base_legacy_names': 26,
    'hmdb51_novel_legacy_names': 25,
}


def test_every_list_has_its_published_size():
    sizes = {
        name: len(read_classnames(name)) for name in builtin_vocabularies()
    }
    assert sizes == SIZES


@pytest.mark.parametrize('name', builtin_vocabularies())
def test_names_are_unique_and_belong_to_their_dataset(name):
    names = read_classnames(name)
    assert len(set(names)) == len(names)
    assert set(names) <= set(read_classnames(name.partition('_')[0]))


@pytest.mark.parametrize(
    'dataset', ['kinetics400', 'ucf101', 'hmdb51', 'ssv2']
)
def test_base_and_novel_make_the_whole(dataset):
    base = read_classnames(f'{dataset}_base')
    novel = read_classnames(f'{dataset}_novel')
    assert sorted(base + novel) == sorted(read_classnames(dataset))


def test_k600_splits_hold_no_name_of_k400():
    splits = [read_classnames(f'kinetics600_split{n}') for n in (1, 2, 3)]
    together = {name for split in splits for name in split}
    assert len(together) == 217
    assert not together & set(read_classnames('kinetics400'))


def test_spelling_may_follow_the_name():
    assert read_classnames('ucf101:camel')[100] == 'YoYo'
    assert read_classnames('hmdb51_base:snake')[5] == 'ride_bike'
    with pytest.raises(ValueError, match="unknown spelling 'shout'.*'camel'"):
        read_classnames('ucf101:shout')


def test_unknown_list_names_the_close_and_all_others():
    with pytest.raises(
        ValueError,
        match="did you mean .*'kinetics600_split1'.*ssv2.*ucf101_ep1_0..9",
    ):
        read_classnames('kinetics600_split4')
