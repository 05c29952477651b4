import pickle

import numpy as np
import pytest

from helpers.frame_folders import box_masks as draw_boxes
from helpers.frame_folders import noise, write_frames
from mmovar.synthesis.masks import MaskIndex, box_masks

ROWS = [[3, 1, 2, 4, 5], [5, 0, 0, 2, 2], [3, 5, 5, 9, 9], [5, 6, 1, 9, 3]]
SIZE = (8, 10)


def box(x1, y1, x2, y2):
    mask = np.zeros(SIZE, bool)
    mask[y1:y2, x1:x2] = True
    return mask


def test_the_first_box_of_a_frame_counts_and_frames_count_from_zero():
    masks = box_masks(ROWS)
    assert masks.frames == range(2, 5)
    assert np.array_equal(masks(2, SIZE), box(1, 2, 4, 5))
    assert not masks(3, SIZE).any()  # no box: all background
    assert np.array_equal(masks(4, SIZE), box(0, 0, 2, 2))


def test_the_union_of_boxes_and_of_neighbours():
    masks = box_masks(ROWS, 'union')
    both = box(0, 0, 2, 2) | box(6, 1, 9, 3)
    assert np.array_equal(masks(4, SIZE), both)
    other = box(1, 2, 4, 5) | box(5, 5, 9, 9)
    assert np.array_equal(masks(3, SIZE, spread=1), both | other)
    assert np.array_equal(masks(2, SIZE, spread=1), other)


def test_boxes_beyond_the_frame_are_cut():
    masks = box_masks([[1, -3, -2, 40, 3]])
    assert np.array_equal(masks(0, SIZE), box(0, 0, 10, 3))


TUBES = {
    'gttubes': {
        'Archery/v_Archery_g01_c01': {
            2: [np.float32(ROWS[:2]), np.float32(ROWS[2:])]
        }
    },
    'labels': ['Archery'],
}
PLAIN = {'v_Archery_g01_c01': ROWS}


@pytest.mark.parametrize('content', [TUBES, PLAIN], ids=['ucf24', 'plain'])
def test_pickles_of_boxes(tmp_path, content):
    path = tmp_path / 'boxes.pkl'
    path.write_bytes(pickle.dumps(content, 2))
    index = MaskIndex(path)
    assert len(index) == 1 and 'v_Archery_g01_c01' in index.describe()
    for name in ('v_Archery_g01_c01.avi', '/x/y/v_Archery_g01_c01'):
        masks = index.find(name)
        assert masks.frames == range(2, 5)
        assert np.array_equal(masks(2, SIZE), box(1, 2, 4, 5))
    assert index.find('v_Archery_g01_c02') is None


def test_mat_files_and_folders_of_images(tmp_path):
    from scipy.io import savemat

    drawn = draw_boxes(5, *SIZE, (1, 2, 4, 5), step=(1, 0))
    stack = (drawn > 0).transpose(1, 2, 0).astype(np.uint8)
    puppet = tmp_path / 'golf' / 'Swing' / 'puppet_mask.mat'
    puppet.parent.mkdir(parents=True)
    savemat(puppet, {'part_mask': 7 * stack, 'other': 1})
    savemat(tmp_path / 'plain.mat', {'part_mask': stack})
    write_frames(tmp_path / 'any' / 'folder', drawn, '{:05d}.png')
    index = MaskIndex(tmp_path)
    assert len(index) == 3
    for name in ('Swing.avi', 'plain.mp4', 'folder'):
        masks = index.find(name)
        assert masks.frames == range(5)
        for i in range(5):
            assert np.array_equal(masks(i, SIZE), drawn[i] > 0)
        large = masks(0, (16, 20))
        assert np.array_equal(large[::2, ::2], drawn[0] > 0)


class Runs:
    def __reduce__(self):
        return eval, ("open('ran', 'w')",)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({'a': Runs()}, 'refused.*eval'),
        ([1], 'must hold a dict'),
        ({}, 'must hold a dict'),
        ({'a': [[1, 2, 3]]}, "boxes of 'a' are no rows"),
        ({'a': 'x'}, "boxes of 'a' are no rows"),
    ],
)
def test_bad_pickles_are_one_clear_error(
    tmp_path, monkeypatch, content, message
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'boxes.pkl'
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=f'boxes.pkl.*{message}'):
        MaskIndex(path)
    assert not (tmp_path / 'ran').exists()


def test_broken_mat_files_and_wrong_arguments(tmp_path):
    (tmp_path / 'a.mat').write_bytes(noise(1, 9, 9).tobytes())
    with pytest.raises(OSError, match='a.mat has no part_mask'):
        MaskIndex(tmp_path).find('a')
    with pytest.raises(FileNotFoundError, match='nowhere'):
        MaskIndex(tmp_path / 'nowhere')
    with pytest.raises(ValueError, match="'last' is none of"):
        MaskIndex(tmp_path, 'last')
    with pytest.raises(ValueError, match='rows of frame'):
        box_masks(np.zeros((0, 5)))


@pytest.mark.parametrize('seed', range(40))
def test_a_mutated_mat_file_is_unreadable_or_read(tmp_path, seed):
    """Whatever loadmat raises: zlib's, Python's or its own error."""
    from scipy.io import savemat

    stack = (noise(5, *SIZE)[..., 0] > 99).transpose(1, 2, 0).astype(np.uint8)
    path = tmp_path / 'a.mat'
    savemat(path, {'part_mask': stack}, do_compression=True)
    rng = np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    for place in rng.integers(128, len(content), 1 + seed % 3):
        content[place] = rng.integers(256)
    path.write_bytes(content[: None if seed % 4 else len(content) // 2])
    try:
        masks = MaskIndex(tmp_path).find('a')
    except OSError as error:
        assert str(path) in str(error)
    else:
        assert masks(0, SIZE, spread=9).shape == SIZE


@pytest.mark.parametrize(
    'array',
    [
        np.zeros((2, 2, 2, 2)),
        np.zeros((0, 4, 5)),
        np.array(['text']),
        np.array([[{}]], object),
    ],
    ids=['four dimensions', 'empty', 'text', 'objects'],
)
def test_what_is_no_mask_is_unreadable(tmp_path, array):
    from scipy.io import savemat

    savemat(tmp_path / 'a.mat', {'part_mask': array})
    with pytest.raises(OSError, match='a.mat has no part_mask'):
        MaskIndex(tmp_path).find('a')


@pytest.mark.parametrize('box', [[], [[np.nan, 1, 2, 3, 4]], [[1e99] * 5]])
def test_boxes_that_are_none_are_unreadable(tmp_path, box):
    path = tmp_path / 'boxes.pkl'
    path.write_bytes(pickle.dumps({'a': np.array(box), 'b': ROWS}))
    masks = MaskIndex(path)
    with pytest.raises(OSError, match="boxes.pkl, 'a': boxes must be"):
        masks.find('a')
    assert masks.find('b')
