import pytest

from mmovar.vocabulary import TEMPLATES, resolve_templates


def test_open_vclip_is_the_released_ensemble_in_its_order():
    templates = TEMPLATES['open_vclip']
    assert len(templates) == len(set(templates)) == 28
    assert templates[0] == 'a photo of {}.'
    assert templates[1] == 'a photo of a person {}.'
    assert templates[7] == 'a video of {}.'
    assert templates[14] == 'a example of {}.'
    assert templates[-1] == 'a demonstration of a person practicing {}.'


def test_actionclip_has_16_with_the_bare_name_among_them():
    templates = TEMPLATES['actionclip']
    assert len(templates) == len(set(templates)) == 16
    assert '{}' in templates
    assert templates[0] == 'a photo of action {}'


def test_resolve_templates_takes_a_set_a_sentence_or_a_sequence():
    assert resolve_templates('vifi_clip') == ('a photo of a {}.',)
    assert resolve_templates('a clip of {}') == ('a clip of {}',)
    assert resolve_templates(['{}', 'a {}']) == ('{}', 'a {}')


@pytest.mark.parametrize(
    ('templates', 'message'),
    [
        ('open_clip', 'open_clip.*open_vclip'),
        (['a photo'], "'a photo' must hold"),
        (['{} and {}'], 'exactly once'),
        ([], 'no template'),
    ],
)
def test_resolve_templates_names_the_bad_value(templates, message):
    with pytest.raises(ValueError, match=message):
        resolve_templates(templates)
