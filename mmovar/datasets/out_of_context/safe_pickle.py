"""Read pickles of plain data without running what they ask for."""

import importlib
import io
import os
import pickle
from pathlib import Path
from typing import Any

# What pickled NumPy arrays of both major versions need, and nothing else.
_ALLOWED = {
    ('_codecs', 'encode'): '_codecs',
    ('numpy', 'dtype'): 'numpy',
    ('numpy', 'ndarray'): 'numpy',
    **{
        (f'numpy.{core}.multiarray', name): 'numpy._core.multiarray'
        for core in ('core', '_core')
        for name in ('_reconstruct', 'scalar')
    },
    **{
        (f'numpy.{core}.numeric', '_frombuffer'): 'numpy._core.numeric'
        for core in ('core', '_core')
    },
}


def load_plain_pickle(path: str | os.PathLike) -> Any:
    """Read a pickle of dicts, lists, strings, numbers and arrays.

    Pickles of Python 2 are read too. A pickle that names any other function
    or class is refused before anything of it is called.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no pickle, or asks for anything else.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'pickle not found: {path}')
    try:
        return _PlainUnpickler(
            io.BytesIO(path.read_bytes()), encoding='latin1'
        ).load()
    except pickle.UnpicklingError as error:
        raise ValueError(f'{path}: {error}') from error
    except (AttributeError, EOFError, IndexError, KeyError, TypeError) as e:
        raise ValueError(f'{path} is no pickle of plain data: {e}') from e


class _PlainUnpickler(pickle.Unpickler):
    """Hands out what arrays need, refuses all else."""

    def find_class(self, module: str, name: str) -> Any:
        home = _ALLOWED.get((module, name))
        if home is None:
            raise pickle.UnpicklingError(
                f'refused, it wants to use {module}.{name}; only dicts, '
                'lists, strings, numbers and arrays are read'
            )
        try:
            return getattr(importlib.import_module(home), name)
        except ImportError:  # NumPy 1 calls _core core
            home = home.replace('_core', 'core')
            return getattr(importlib.import_module(home), name)
