import pytest

from mmovar.datasets.path_class import PathClass
from mmovar.vocabulary import read_classnames

UCF, HMDB, KINETICS = map(read_classnames, ('ucf101', 'hmdb51', 'kinetics400'))


@pytest.mark.parametrize(
    ('path', 'names', 'expected'),
    [
        ('v_YoYo_g01_c02.avi', UCF, 'Yoyo'),
        ('x/v_HandStandPushups_g01_c02', UCF, 'Handstand Pushups'),
        ('v_Basketball_g01_c01__4', UCF, 'Basketball'),
        ('a_draw_sword_f_cm_np1_le_med_0.avi', HMDB, 'draw sword'),
        ('a_sword_exercise_u_nm_np2_ri_goo_12.avi', HMDB, 'sword exercise'),
        ('catch/flat.avi', HMDB, 'catch'),
        ('val/bending_back/05mZ.mp4', KINETICS, 'bending back'),
        ('petting animal (not cat)/x', KINETICS, 'petting animal (not cat)'),
    ],
)
def test_path_names_its_class(path, names, expected):
    assert names[PathClass(names)(path).label] == expected


@pytest.mark.parametrize('path', ['val/x.mp4', 'x.mp4', 'train/kick/x.mp4'])
def test_path_without_a_class_says_nothing(path):
    assert PathClass(KINETICS)(path) is None


def test_file_name_of_a_class_that_is_not_among_the_names():
    novel = PathClass(read_classnames('hmdb51_base'))
    assert novel('a_draw_sword_f_cm_np1_le_med_0.avi') == (
        'draw_sword',
        None,
        'hmdb51',
    )


def test_rephrased_names_are_known_by_what_they_stand_for():
    names = ['Archery: A person shoots', 'Yo Yo: A toy']
    assert PathClass(names)('v_YoYo_g01_c01.avi').label == 1
