import pytest

from mmovar.vocabulary import class_key, read_classnames, spell

UCF = {
    'ApplyEyeMakeup': 'Apply Eye Makeup',
    'HandstandPushups': 'Handstand Pushups',
    'TaiChi': 'Tai Chi',
    'YoYo': 'Yoyo',
    'Archery': 'Archery',
}


def test_ucf101_has_two_spellings_that_turn_into_each_other():
    assert list(spell(tuple(UCF), 'spaced')) == list(UCF.values())
    assert list(spell(tuple(UCF.values()), 'camel')) == list(UCF)


@pytest.mark.parametrize('name', ['kinetics400', 'hmdb51', 'ucf101', 'ssv2'])
def test_spaced_names_stay(name):
    names = read_classnames(name)
    assert spell(names, 'spaced') == names


def test_snake_and_lower_case():
    names = ('ride bike', 'ApplyLipstick', 'drinking beer')
    snakes = ('ride_bike', 'apply_lipstick', 'drinking_beer')
    assert spell(names, 'snake') == snakes
    assert spell(snakes, 'lower')[1] == 'apply lipstick'


@pytest.mark.parametrize('style', ['camel', 'lower', 'snake', 'spaced'])
@pytest.mark.parametrize('name', ['ucf101', 'hmdb51', 'kinetics600', 'ssv2'])
def test_all_spellings_of_a_class_have_one_key(name, style):
    keys = [class_key(label) for label in read_classnames(name)]
    assert [class_key(n) for n in spell(read_classnames(name), style)] == keys
    assert len(set(keys)) == len(keys)
