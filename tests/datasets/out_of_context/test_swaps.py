import os
import pickle

import pytest

from helpers.published import published
from mmovar.datasets.out_of_context.swaps import (
    Swap,
    read_swaps,
    write_swaps,
)
from mmovar.vocabulary import read_classnames

NAMES = read_classnames('ucf101')
ARCHERY = 'Archery/v_Archery_g01_c01'
YOYO = 'YoYo/v_YoYo_g02_c03'
SWAP = Swap(ARCHERY, YOYO, 120, 100, 2)


@pytest.mark.parametrize(
    ('name', 'classnames', 'size'),
    [
        ('ucf101_close_1', 'ucf101', 1562),
        ('ucf101_far_1', 'ucf101', 1200),
        ('k400_close_1', 'kinetics400', 7860),
    ],
)
def test_published_lists(name, classnames, size):
    path = published(f'hat/{name}.csv')
    swaps = read_swaps(path, read_classnames(classnames))
    assert len(swaps) == size
    assert all(swap.label != swap.background_label for swap in swaps)
    per_class = {}
    for swap in swaps:
        per_class.setdefault(swap.label, set()).add(swap.background_label)
    if 'close' in name:
        assert max(map(len, per_class.values())) == 5


def dump(path, value):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps(value))
    return path


@pytest.mark.parametrize('where', ['', 'close/'])
@pytest.mark.parametrize('row', [[YOYO, 120, 100], [YOYO, '120', '100']])
def test_pickles_are_read_where_authors_have_them(tmp_path, row, where):
    dump(tmp_path / f'{where}actionswap_close_2.pickle', {ARCHERY: row})
    swaps = read_swaps(tmp_path / 'actionswap_close_2.csv', NAMES)
    assert swaps == [SWAP]


def test_written_lists_are_read_again(tmp_path):
    write_swaps(tmp_path / 'a.csv', [SWAP])
    assert read_swaps(tmp_path / 'a.csv', NAMES) == [SWAP]


class Runs:
    def __reduce__(self):
        return os.system, ('touch ran',)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({ARCHERY: [YOYO, 120, 101]}, r'class 100.*label is 101 \(no class'),
        ({ARCHERY: [YOYO, 120, 1]}, "label is 1 .'Apply Lipstick'"),
        ({'Flying/a': [YOYO, 120, 100]}, "'Flying/a' names none"),
        ({ARCHERY: ['b', 120, 100]}, "'b' names none"),
        ({ARCHERY: [YOYO, 120]}, 'expected .background, frames, label'),
        ({ARCHERY: [YOYO, 'x', 100]}, "must be integers, got 'x'"),
        ({ARCHERY: [YOYO, 0, 100]}, 'has 0 frames'),
        ({f'/x/{ARCHERY}': [YOYO, 120, 100]}, "'/x/.*leads out of the folder"),
        ({ARCHERY: [f'../{YOYO}', 120, 100]}, "'../YoYo.*leads out of"),
        ({}, 'empty'),
        ([1], 'holds a list'),
        ({ARCHERY: [Runs(), 1, 1]}, 'refused, it wants to use .*system'),
    ],
)
def test_bad_lists_are_one_clear_error(tmp_path, content, message):
    path = dump(tmp_path / 'a.pickle', content)
    with pytest.raises(ValueError, match=f'a.pickle.*{message}'):
        read_swaps(path, NAMES)


def test_bad_csv_files_name_the_line(tmp_path):
    path = tmp_path / 'a.csv'
    with pytest.raises(FileNotFoundError, match='a.csv.*a.pickle'):
        read_swaps(path, NAMES)
    path.write_text(f'{ARCHERY},{YOYO},120,100\n')
    with pytest.raises(ValueError, match='must start with fg,bg'):
        read_swaps(path, NAMES)
    path.write_text(f'fg,bg,bg_frames,bg_label0\n{ARCHERY},{YOYO},120\n')
    with pytest.raises(ValueError, match='line 2: 3 fields'):
        read_swaps(path, NAMES)
