import pytest

from helpers.published import published, write_rephrased
from mmovar.datasets.preparation.label_audit import audit_labels, explain
from mmovar.vocabulary import hmdb51_legacy_names, read_classnames

NAMES = ('abseiling', 'archery', 'bending back', 'zumba')


def audit(tmp_path, content, names=NAMES, reference=None):
    path = tmp_path / 'list.txt'
    path.write_text(content)
    if reference is not None:
        (tmp_path / 'reference.txt').write_text(reference)
        reference = tmp_path / 'reference.txt'
    return audit_labels(path, names, reference)


def summary(found):
    return [(d.label, d.given, d.known, d.lines) for d in found.disagreements]


def test_right_list_has_no_disagreement(tmp_path):
    found = audit(tmp_path, 'archery/a 20 1\nval/bending_back/b 30 2\n')
    assert (found.total, found.checked, found.wrong) == (2, 2, 0)
    assert explain(found, NAMES) == ''


def test_every_disagreement_is_reported_with_its_lines(tmp_path):
    found = audit(
        tmp_path,
        'abseiling/a 0\narchery/b 0\nbending back/c 0\narchery/d 0\nx/e 3\n',
    )
    assert summary(found) == [
        (0, 'abseiling', 'archery', (2, 4)),
        (0, 'abseiling', 'bending back', (3,)),
    ]
    assert (found.total, found.checked, found.wrong) == (5, 4, 3)
    assert explain(found, NAMES).startswith('Only label 0 is wrong')


def test_reference_list_decides_by_name_or_youtube_id(tmp_path):
    # As in the list that gives abseiling to every video it did not know.
    identifier = 'a_-5jVB-WPk'
    found = audit(
        tmp_path,
        f'val/{identifier}_000001_000011 300 0\nval/known 300 0\nval/x 9 0\n',
        reference=f'val/{identifier}.mp4 2\nknown.mp4,0\n',
    )
    assert summary(found) == [(0, 'abseiling', 'bending back', (1,))]
    assert (found.checked, found.total) == (2, 3)


def test_labels_that_count_from_one_are_explained(tmp_path):
    found = audit(tmp_path, 'archery/a 2\nzumba/b 4\n')
    assert summary(found)[1] == (4, None, 'zumba', (2,))
    assert 'counts from 1' in explain(found, NAMES)


def test_class_that_no_name_is(tmp_path):
    found = audit(tmp_path, 'v_YoYo_g01_c01.avi 1\n')
    assert summary(found) == [(1, 'archery', 'YoYo', (1,))]
    assert explain(found, NAMES) == ''


def test_swapped_rows_of_hmdb51_are_found(tmp_path):
    names = read_classnames('hmdb51:snake')
    content = ''.join(
        f'a_{name}_u_nm_np1_ba_goo_0.avi {label}\n'
        for label, name in enumerate(names)
    )
    legacy = hmdb51_legacy_names()
    found = audit(tmp_path, content, legacy)
    assert [d.label for d in found.disagreements] == [20, 21, 44, 45]
    assert 'classes: 20 and 21, 44 and 45.' in explain(found, legacy)
    assert audit(tmp_path, content, names).wrong == 0


def test_list_without_labels_cannot_be_checked(tmp_path):
    with pytest.raises(ValueError, match='no labels to check'):
        audit(tmp_path, 'archery/a.avi\n')


@pytest.mark.parametrize(
    ('path', 'names', 'wrong'),
    [
        ('vifi/val1.txt', 'labels_vifi.csv', 120),
        ('vifi/val2.txt', 'labels_vifi.csv', 120),
        ('vifi/val3.txt', 'labels_vifi.csv', 120),
        ('vifi/val1.txt', 'label_map.txt', 0),
        ('base2novel/base_val.txt', 'base2novel/base_labels.csv', 60),
        ('base2novel/novel_val.txt', 'base2novel/novel_labels.csv', 60),
        ('openvclip_full_test.csv', 'labels_openvclip_index2cls.json', 0),
    ],
)
def test_published_files_of_hmdb51(path, names, wrong):
    found = audit_labels(
        published(f'hmdb51/{path}'),
        read_classnames(published(f'hmdb51/{names}')),
    )
    assert found.checked == found.total
    assert found.wrong == wrong


def test_rephrased_names_fit_the_published_files_of_hmdb51(tmp_path):
    names = read_classnames('hmdb51')
    names = read_classnames(write_rephrased(tmp_path / 'llm.json', names))
    found = audit_labels(published('hmdb51/vifi/val1.txt'), names)
    assert (found.checked, found.wrong) == (found.total, 0)


def test_fallback_label_of_a_k400_list_is_found(tmp_path):
    # A list as DEVIAS writes it, with 102 videos it knew no label of.
    names = read_classnames('kinetics400')
    reference = published('kinetics400/val.txt')
    lines = [line.split() for line in reference.read_text().splitlines()]
    labelled = [index for index, line in enumerate(lines) if line[1] != '0']
    for index in labelled[:: len(labelled) // 101]:
        lines[index][1] = '0'
    path = tmp_path / 'list.csv'
    path.write_text(''.join(f'{p[:-4]} 300 {n}\n' for p, n in lines))
    found = audit_labels(path, names, reference)
    assert found.checked == found.total == 19877
    assert found.wrong == 102
    assert {d.label for d in found.disagreements} == {0}
    assert 'Only label 0 is wrong' in explain(found, names)
