import pytest

from mmovar.vocabulary import hmdb51_legacy_names, read_classnames


@pytest.mark.parametrize(
    ('part', 'right', 'rows'),
    [
        ('all', 'hmdb51', {20: 'kick ball', 21: 'kick'}),
        ('all', 'hmdb51', {44: 'sword exercise', 45: 'sword'}),
        ('base', 'hmdb51_base', {19: 'sword exercise', 20: 'sword'}),
        ('novel', 'hmdb51_novel', {20: 'kick ball', 21: 'kick'}),
    ],
)
def test_published_swap(part, right, rows):
    legacy = hmdb51_legacy_names(part)
    assert {row: legacy[row] for row in rows} == rows
    assert sorted(legacy) == sorted(read_classnames(right))


def test_unknown_part_is_named():
    with pytest.raises(ValueError, match="'half'.*'novel'"):
        hmdb51_legacy_names('half')
