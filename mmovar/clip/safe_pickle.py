"""A pickle reader that builds tensors, arrays and containers, and no more.

What a pickle may name stands in two tables. Any other class or function
becomes a :class:`Inert`, which takes any arguments and does nothing, and is
listed in ``disallowed_globals``. So code in a crafted file never runs, and a
config object of a package that is not installed can be skipped.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from .regular_file import open_regular

_NUMPY = np.ndarray.__reduce__(np.empty(0))[0].__module__.split('.')[1]
_DTYPES = {
    **{'Float': torch.float32, 'Double': torch.float64, 'Half': torch.half},
    **{'BFloat16': torch.bfloat16, 'Bool': torch.bool, 'Byte': torch.uint8},
    **{'Char': torch.int8, 'Short': torch.int16, 'Int': torch.int32},
    **{'Long': torch.int64, 'Untyped': torch.uint8},
}
_ALLOWED = {
    'builtins': {'complex', 'frozenset', 'list', 'set', 'slice'},
    'collections': {'Counter', 'OrderedDict', 'defaultdict'},
    'mmengine.logging.history_buffer': {'HistoryBuffer'},
    'numpy': {'dtype'},
    f'numpy.{_NUMPY}.multiarray': {'scalar'},
    f'numpy.{_NUMPY}.numeric': {'_frombuffer'},
    'torch': {'Size', 'device'},
    'torch.serialization': {'_get_layout'},
}


class Inert(dict):
    """Stands for an object of a file that is not built.

    It is a dict because config objects mostly are: their items are kept.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def __setstate__(self, content: Any) -> None:
        """Ignore what belongs to the object."""

    append = extend = add = __setstate__

    def __call__(self, *args: Any, **kwargs: Any) -> 'Inert':
        """Stand for what a call would return."""
        return Inert()

    def __hash__(self) -> int:  # type: ignore[override]  # is a key
        return id(self)


class ScriptModule(Inert):
    """A module of a TorchScript archive: its attributes."""

    attributes: Any = None

    def __setstate__(self, content: Any) -> None:
        self.attributes = content


def _no_storage(pid: Any) -> Tensor:
    raise pickle.UnpicklingError('there are no tensors in this file')


class SafeUnpickler(pickle._Unpickler):
    """Unpickler that knows harmless names only.

    It is Python's own in Python: the one in C sets attributes of any object
    that a pickle names, such as a class.

    Args:
        file: An open file, at the beginning of a pickle.
        storage: Gives the flat tensor of a persistent id of torch.
        encoding: Of strings that Python 2 wrote.

    Attributes:
        disallowed_globals: Names of what was not built.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(
        self,
        file: IO[bytes],
        storage: Callable[[tuple], Tensor] = _no_storage,
        encoding: str = 'utf-8',
    ) -> None:
        super().__init__(file, encoding=encoding)
        self.disallowed_globals: set[str] = set()
        self._storage = storage

    def persistent_load(self, pid: Any) -> Any:
        """Return the storage of a tensor."""
        return self._storage(pid)

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for, :class:`Inert` if it may do harm."""
        module = {'__builtin__': 'builtins'}.get(module, module)
        package, _, rest = module.partition('.')
        if package == 'numpy' and rest.startswith(('core.', '_core.')):
            module = f'numpy.{_NUMPY}.{rest.partition(".")[2]}'
        if name in _ALLOWED.get(module, ()):
            return super().find_class(module, name)
        if (module, name) in _REPLACED:
            return _REPLACED[module, name]
        if module == 'torch' and isinstance(
            dtype := getattr(torch, name, None), torch.dtype
        ):
            return dtype
        if package == '__torch__':
            return ScriptModule
        self.disallowed_globals.add(f'{module}.{name}')
        return Inert

    def load_build(self) -> None:
        """Set the state of an object, but of no class and no function."""
        owner, state = self.stack[-2:]  # type: ignore[attr-defined]
        named = callable(owner) and not isinstance(owner, Inert)
        if named or isinstance(owner, Tensor):
            raise pickle.UnpicklingError(
                f'it sets attributes of {type(owner)}'
            )
        if isinstance(state, dict):  # HistoryBuffer writes them to its class
            state.pop('statistics_methods', None)
        super().load_build()  # type: ignore[misc]

    dispatch[pickle.BUILD[0]] = load_build  # type: ignore[assignment]


def load_plain_pickle(path: str | Path) -> Any:
    """Read a pickle of dicts, lists, strings, numbers and arrays.

    Pickles of Python 2 are read too. A pickle that names any other function
    or class is refused, and nothing of it is called.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no pickle, or asks for anything else.
    """
    with open_regular(path) as file:
        unpickler = SafeUnpickler(file, encoding='latin1')
        try:
            content = unpickler.load()
        except Exception as error:  # a hostile file may raise anything
            raise ValueError(
                f'{path} is no pickle of plain data: {error!r}'
            ) from error
    if unpickler.disallowed_globals:
        raise ValueError(
            f'{path}: refused, it wants to use '
            f'{", ".join(sorted(unpickler.disallowed_globals)[:5])}; only '
            'dicts, lists, strings, numbers and arrays are read'
        )
    return content


def _rebuild_tensor(
    storage: Tensor, offset: int, size: tuple, stride: tuple, *rest: Any
) -> Tensor:
    """View a part of a storage; torch raises if it is out of its bytes."""
    if len(rest) > 2 and isinstance(rest[2], torch.dtype):  # version 3
        storage = storage.view(rest[2])
    return storage.as_strided(size, stride, offset)


def _statistics(owner: Any, name: str) -> None:
    """Leave out the functions of a ``HistoryBuffer``, which it has itself."""
    if getattr(owner, '__name__', '') != 'HistoryBuffer':
        raise pickle.UnpicklingError(f'refused, it wants to use {name!r}')


_REPLACED = {
    ('_codecs', 'encode'): lambda text, _: text.encode('latin1'),
    ('builtins', 'bytes'): lambda: b'',
    ('builtins', 'getattr'): _statistics,
    ('numpy', 'ndarray'): None,  # an argument of the next one
    (f'numpy.{_NUMPY}.multiarray', '_reconstruct'): lambda *_: np.empty(0),
    ('torch._utils', '_rebuild_parameter'): lambda data, *_: data,
    ('torch._utils', '_rebuild_tensor'): _rebuild_tensor,
    ('torch._utils', '_rebuild_tensor_v2'): _rebuild_tensor,
    ('torch._utils', '_rebuild_tensor_v3'): _rebuild_tensor,
    ('torch.storage', 'UntypedStorage'): torch.uint8,
    **{('torch', f'{n}Storage'): dtype for n, dtype in _DTYPES.items()},
}
