import json

import pytest

from helpers.results_of import record
from mmovar.benchmark import Record, read_records
from mmovar.benchmark.record import sha256_of


def test_record_comes_back_from_one_line_of_json(tmp_path):
    first = record('ucf101/ep3/1', 83.3, unreadable=('a.avi',))
    path = first.write(tmp_path)
    assert len(path.read_text().splitlines()) == 1
    assert read_records([tmp_path]) == [first]
    assert first.percent('top1') == 83.3
    assert first.percent('R@1') is None
    assert [p.name for p in tmp_path.iterdir()] == ['ucf101-ep3-1.json']


def test_lines_of_several_records_may_share_a_file(tmp_path):
    both = [record(f'ucf101/ep3/{k}', 80 + k) for k in (1, 2)]
    lines = [r.write(tmp_path / 'x').read_text() for r in both]
    file = tmp_path / 'all.jsonl'
    file.write_text(''.join(lines))
    assert read_records([file]) == both


def test_other_json_in_a_folder_is_passed_over_but_not_when_named(tmp_path):
    other = tmp_path / 'metrics.json'
    other.write_text(json.dumps({'acc': 1}, indent=2))
    assert read_records([tmp_path]) == []
    with pytest.raises(ValueError, match='line 1: not a record'):
        read_records([other])
    with pytest.raises(FileNotFoundError, match='nowhere'):
        read_records([tmp_path / 'nowhere'])


def test_records_of_another_format_are_refused(tmp_path):
    path = record('ucf101/ep3/1', 80).write(tmp_path)
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ValueError, match='format 2, this version reads 1'):
        read_records([path])


def test_a_fraction_above_one_is_refused():
    with pytest.raises(ValueError, match='top1 = 3/2 is no fraction'):
        Record('c', 'p', 1, 'm', {'top1': (3, 2)}, videos=2)


def test_hash_of_a_file(tmp_path):
    (tmp_path / 'x').write_bytes(b'abc')
    assert sha256_of(tmp_path / 'x').startswith('ba7816bf8f01cfea')
