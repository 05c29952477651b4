import pytest

from mmovar.vocabulary.text_files import read_rows, read_table, read_text


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('a\nb'.encode('utf-16'), 'a.txt, line 1: UTF-16'),
        ('a\nb'.encode('utf-16-le'), 'a.txt, line 1: a NUL byte'),
        ('a\nÜbung'.encode('latin-1'), 'line 2: byte 0xdc is not UTF-8'),
        (b'a\n\nb\0c', 'line 3: a NUL byte'),
    ],
)
def test_other_encodings_are_named_with_file_and_line(
    tmp_path, content, message
):
    (tmp_path / 'a.txt').write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_text(tmp_path / 'a.txt')


def test_marks_and_ends_of_lines_are_those_of_every_system(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_bytes('\ufeffÜ\r\nb\rc\n'.encode())
    assert read_text(path) == 'Ü\nb\nc\n'


def test_tables_have_lines_and_columns(tmp_path):
    path = tmp_path / 'a.csv'
    path.write_text('x, y\n1,"a, ""b"""\n\n , \n2,c\n')
    header, rows = read_table(path)
    assert header == ['x', 'y']
    assert rows == [
        (2, {'x': '1', 'y': 'a, "b"'}),
        (5, {'x': '2', 'y': 'c'}),
    ]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('x,y\n1,"a\n2,b\n', 'line 3: unexpected end of data'),
        ('x,y\n1,"a"b\n', "line 2: ',' expected after '\"'"),
        ('x,y\n1\n', r"line 2: expected \['x', 'y'\], got \['1'\]"),
        ('x,y\n1,2,3\n', "line 2: expected .*, got .*'3'"),
        ('x,x\n1,2\n', 'line 1: a column occurs twice'),
    ],
)
def test_malformed_tables_are_named(tmp_path, content, message):
    path = tmp_path / 'a.csv'
    path.write_text(content)
    with pytest.raises(ValueError, match=f'a.csv, {message}'):
        read_table(path)


def test_an_empty_file_has_no_rows(tmp_path):
    (tmp_path / 'a.csv').touch()
    assert list(read_rows(tmp_path / 'a.csv')) == []
    assert read_table(tmp_path / 'a.csv') == ([], [])
