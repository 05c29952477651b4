import json

import pytest

from mmovar.vocabulary import (
    builtin_vocabularies,
    list_or_names,
    read_classnames,
)


def test_full_lists_have_the_official_order():
    ucf101 = read_classnames('ucf101')
    assert ucf101[0] == 'Apply Eye Makeup'
    assert ucf101[34:36] == ('Hammering', 'Hammer Throw')
    assert ucf101[100] == 'Yoyo'
    hmdb51 = read_classnames('hmdb51')
    assert hmdb51[20:22] == ('kick', 'kick ball')
    assert hmdb51[44:46] == ('sword', 'sword exercise')
    kinetics = read_classnames('kinetics400')
    assert kinetics[0] == 'abseiling'
    assert 'petting animal (not cat)' in kinetics


@pytest.mark.parametrize(
    ('file_name', 'content'),
    [
        ('names.txt', 'diving\nkick ball\nwave'),
        ('names.txt', '\ufeffdiving\r\nkick ball\r\nwave\r\n\r\n'),
        ('names.csv', 'id,name\n0,diving\n1,kick ball\n2,wave\n'),
        ('names.csv', '2,wave\r\n0,diving\r\n1,kick ball'),
        ('names.csv', '0,"diving"\n\n1, kick ball\n2,wave\n'),
        ('names.json', '{"0": "diving", "2": "wave", "1": "kick ball"}'),
        ('names.json', '{"diving": 0, "wave": 2, "kick ball": 1}'),
        ('names.json', '{"diving": "0", "wave": "2", "kick ball": "1"}'),
        ('names.json', '["diving", "kick ball", "wave"]'),
    ],
)
def test_files_of_every_form_give_the_same_names(tmp_path, file_name, content):
    (tmp_path / file_name).write_bytes(content.encode())
    expected = ('diving', 'kick ball', 'wave')
    assert read_classnames(tmp_path / file_name) == expected
    assert read_classnames(file_name, root=tmp_path) == expected


def test_quoted_csv_name_keeps_its_comma(tmp_path):
    path = tmp_path / 'names.csv'
    path.write_text('id,name\n0,"Removing something, revealing behind"\n')
    assert read_classnames(path) == ('Removing something, revealing behind',)


def test_names_may_be_given_directly():
    assert read_classnames(['b', 'a']) == ('b', 'a')


@pytest.mark.parametrize(
    ('file_name', 'content', 'message'),
    [
        ('n.txt', '', 'n.txt: no class name'),
        ('n.txt', 'a\n\nb\n', 'n.txt, line 2: name of class 1 is empty'),
        ('n.txt', 'a\nb\na\n', "n.txt, line 3: 'a' is the name of class 0"),
        ('n.csv', 'id,name\n0,a\n2,b\n', r'n.csv: ids must be 0..1, 1 is'),
        ('n.csv', '0,a\n0,b\n', 'n.csv, line 2: id 0 occurs twice'),
        ('n.csv', '0,a\n1,b,c\n', 'n.csv, line 2: expected id,name'),
        ('n.csv', '0,a\nx,b\n', 'n.csv, line 2: expected id,name'),
        ('n.json', '{\n"0": "a"', 'n.json, line 2: not JSON'),
        ('n.json', '"a"', 'n.json: expected a list of names'),
        ('n.json', json.dumps({'a': 'b'}), 'n.json: expected a list'),
        ('n.json', '[1]', 'n.json: name of class 0'),
        ('n.json', json.dumps({'a': '0', 'b': 'x'}), 'n.json: expected a'),
        ('n.yaml', 'a', 'kinetics400.*hmdb51'),
    ],
)
def test_malformed_files_are_named(tmp_path, file_name, content, message):
    (tmp_path / file_name).write_text(content)
    with pytest.raises(ValueError, match=message):
        read_classnames(file_name, root=tmp_path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.txt'):
        read_classnames('nowhere.txt', root=tmp_path)


def test_unknown_builtin_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="'kinetics'.*kinetics400"):
        read_classnames('kinetics')


def test_rephrased_names_are_kept_whole(tmp_path):
    path = tmp_path / 'llm.json'
    path.write_text('{"0": "Archery: A person shoots, an arrow"}')
    assert read_classnames(path) == ('Archery: A person shoots, an arrow',)


@pytest.mark.parametrize('name', [*builtin_vocabularies(), 'ucf101:camel'])
def test_one_word_may_be_any_built_in_list(name):
    assert list_or_names([name]) == name
    assert len(read_classnames(name)) > 1


@pytest.mark.parametrize('name', ['nosuch.txt', 'a/nosuch.csv', 'no.json'])
def test_a_missing_file_is_never_a_label(name):
    with pytest.raises(FileNotFoundError, match=f'not found: {name}'):
        read_classnames(list_or_names([name]))
    with pytest.raises(ValueError, match=f"'{name}' is a file of .* alone"):
        list_or_names(['archery', name])


def test_other_words_are_names(tmp_path):
    for words in (['tai chi'], ['ssv2', 'archery'], ['Mr. Bean', 'e.g. this']):
        assert list_or_names(words) == words
    (tmp_path / 'names.tsv').write_text('x')
    with pytest.raises(ValueError, match=r'names.tsv.*file ending in'):
        read_classnames(list_or_names([str(tmp_path / 'names.tsv')]))
