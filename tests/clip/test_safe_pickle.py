import os
import pickle

import numpy as np
import pytest

from mmovar.clip.safe_pickle import load_plain_pickle


class Runs:
    """Asks for code to be run when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def dump(path, value, protocol=2):
    path.write_bytes(pickle.dumps(value, protocol))
    return path


@pytest.mark.parametrize('protocol', [0, 2, 4, 5])
def test_plain_data_and_arrays_are_read(tmp_path, protocol):
    boxes = np.array([[1, 2, 3, 4, 5]], np.float32)
    value = {'a/b': [boxes, 'x', 3], 'n': np.float64(2.5), 'e': (None, True)}
    read = load_plain_pickle(dump(tmp_path / 'a.pkl', value, protocol))
    assert np.array_equal(read['a/b'][0], boxes)
    assert (read['a/b'][1:], read['n'], read['e']) == (
        ['x', 3],
        2.5,
        (None, True),
    )


def test_arrays_pickled_by_python_2_are_read(tmp_path):
    # what Python 2.7 writes for {'a': np.array([7, 8], '<i4')}
    data = (
        b"(dp0\nS'a'\np1\ncnumpy.core.multiarray\n_reconstruct\np2\n(cnumpy"
        b"\nndarray\np3\n(I0\ntp4\nS'b'\np5\ntp6\nRp7\n(I1\n(I2\ntp8\ncnumpy"
        b"\ndtype\np9\n(S'i4'\np10\nI0\nI1\ntp11\nRp12\n(I3\nS'<'\np13\nNNN"
        b"I-1\nI-1\nI0\ntp14\nbI00\nS'\\x07\\x00\\x00\\x00\\x08\\x00\\x00"
        b"\\x00'\np15\ntp16\nbs."
    )
    (tmp_path / 'a.pkl').write_bytes(data)
    read = load_plain_pickle(tmp_path / 'a.pkl')
    assert read['a'].tolist() == [7, 8]


@pytest.mark.parametrize(
    'call',
    [
        (os.system, 'touch ran'),
        (eval, "open('ran', 'w')"),
        (getattr, 'os', 'upper'),
        (np.load, 'ran.npy'),
    ],
    ids=['system', 'eval', 'getattr', 'np.load'],
)
def test_a_pickle_that_wants_to_run_code_is_refused(
    tmp_path, call, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = dump(tmp_path / 'a.pkl', {'a': [Runs(*call), 1, 2]})
    with pytest.raises(ValueError, match=r'a\.pkl.*refused, it wants to use'):
        load_plain_pickle(path)
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize('content', [b'', b'hello', b'\x80\x04N', b'<html>'])
def test_what_is_no_pickle_is_one_clear_error(tmp_path, content):
    (tmp_path / 'a.pkl').write_bytes(content)
    with pytest.raises(ValueError, match=r'a\.pkl'):
        load_plain_pickle(tmp_path / 'a.pkl')
    with pytest.raises(FileNotFoundError, match='b.pkl'):
        load_plain_pickle(tmp_path / 'b.pkl')
