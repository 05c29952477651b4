"""Read pickles of plain data without running what they ask for."""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np

# What pickled NumPy arrays of both major versions need, and nothing else.
_CORE = np.ndarray.__reduce__(np.empty(0))[0].__module__.split('.')[1]
_ALLOWED = {
    '_codecs': {'encode'},
    'numpy': {'dtype', 'ndarray'},
    f'numpy.{_CORE}.multiarray': {'_reconstruct', 'scalar'},
    f'numpy.{_CORE}.numeric': {'_frombuffer'},
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
        package, _, rest = module.partition('.')
        if package == 'numpy' and rest.startswith(('core.', '_core.')):
            module = f'numpy.{_CORE}.{rest.partition(".")[2]}'
        if name not in _ALLOWED.get(module, ()):
            raise pickle.UnpicklingError(
                f'refused, it wants to use {module}.{name}; only dicts, '
                'lists, strings, numbers and arrays are read'
            )
        return super().find_class(module, name)
