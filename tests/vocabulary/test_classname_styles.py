import pytest

from mmovar.vocabulary import CLASSNAME_STYLES


@pytest.mark.parametrize(
    'style, name, written',
    [
        ('as_is', 'ApplyEye_makeup', 'ApplyEye_makeup'),
        ('underscores_to_spaces', 'brush_hair', 'brush hair'),
        ('underscores_to_spaces', 'ApplyEye', 'ApplyEye'),
        ('split_camel_case', 'ApplyEyeMakeup', 'Apply Eye Makeup'),
        ('split_camel_case', 'brush_hair', 'brush hair'),
        ('split_camel_case', 'riding a bike', 'riding a bike'),
        ('split_camel_case', 'YoYo', 'Yo Yo'),
    ],
)
def test_styles(style, name, written):
    assert CLASSNAME_STYLES[style](name) == written
