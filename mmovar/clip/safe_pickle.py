"""A pickle reader that builds tensors, arrays and containers, and no more.

What a pickle may name stands in two tables. Any other class or function
becomes a :class:`Inert`, which takes any arguments and does nothing, and is
listed in ``disallowed_globals``. So code in a crafted file never runs, and a
config object of a package that is not installed can be skipped.
"""

import io
import math
import pickle
import re
import struct
from collections.abc import Callable, Iterable
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
    'builtins': {'complex', 'frozenset', 'list', 'set'},
    'collections': {'Counter', 'OrderedDict', 'defaultdict'},
    'mmengine.logging.history_buffer': {'HistoryBuffer'},
    f'numpy.{_NUMPY}.multiarray': {'scalar'},
    f'numpy.{_NUMPY}.numeric': {'_frombuffer'},
    'torch': {'Size', 'device'},
    'torch.serialization': {'_get_layout'},
}


_DEPTH = 100
"""Levels; what is nested deeper breaks all that walks it by recursion."""
_COPIES = 1 << 20
"""Elements that calls may copy beyond the size of the file."""


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


_TOO_DEEP = f'it is nested more than {_DEPTH} levels deep'
_CONTAINERS = (list, tuple, dict, set, frozenset)
_SIZED = (str, bytes, *_CONTAINERS)


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
        self._levels: dict[int, int] = {}
        start = file.tell()
        self._left = _COPIES + 4 * file.seek(0, io.SEEK_END)
        file.seek(start)

    def load(self) -> Any:
        """Read the next pickle of the file."""
        content = super().load()
        level, seen = [content], {id(content)}
        for _ in range(_DEPTH):
            inner = {id(v): v for held in level for v in _holders(held)}
            level = [v for key, v in inner.items() if key not in seen]
            seen.update(inner)
            if not level:
                return content
        raise pickle.UnpicklingError(_TOO_DEEP)

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
        if isinstance(owner, np.dtype) and any(state[2:5]):
            raise pickle.UnpicklingError('it holds structured arrays')
        if isinstance(state, dict):  # HistoryBuffer writes them to its class
            state.pop('statistics_methods', None)
        self._count(state)
        super().load_build()  # type: ignore[misc]

    dispatch[pickle.BUILD[0]] = load_build  # type: ignore[assignment]

    def load_reduce(self) -> None:
        """Call what a name stands for."""
        self._count(self.stack[-1])  # type: ignore[attr-defined]
        super().load_reduce()  # type: ignore[misc]

    dispatch[pickle.REDUCE[0]] = load_reduce  # type: ignore[assignment]

    def _count(self, given: Any) -> None:
        """Bound what is copied by the size of the file."""
        parts = given if isinstance(given, tuple) else (given,)
        self._left -= sum(len(p) for p in parts if isinstance(p, _SIZED))
        if self._left < 0:
            raise pickle.UnpicklingError('it grows beyond its size')

    def _bound_depth(self) -> None:
        """Refuse deep tuples at once: as a key they would be hashed in C."""
        made = self.stack[-1]  # type: ignore[attr-defined]
        inner = (self._levels.get(id(p), 0) for p in made if type(p) is tuple)
        level = self._levels[id(made)] = 1 + max(inner, default=0)
        if level > _DEPTH:
            raise pickle.UnpicklingError(_TOO_DEEP)

    def load_bytearray8(self) -> None:
        """Read the bytes before memory is taken for them."""
        (size,) = struct.unpack('<Q', self.read(8))  # type: ignore[attr-defined]
        array = bytearray(self.read(size))  # type: ignore[attr-defined]
        self.append(array)  # type: ignore[attr-defined]

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8  # type: ignore[assignment]


def _holders(held: Any) -> Iterable[Any]:
    """Yield containers that lie in a container."""
    if isinstance(held, dict):
        held = held.values()
    elif not isinstance(held, _CONTAINERS):
        return ()
    return (v for v in held if isinstance(v, _CONTAINERS))


def _bounded(load: Callable[[Any], None]) -> Callable[[Any], None]:
    def load_bounded(self: SafeUnpickler) -> None:
        load(self)
        self._bound_depth()

    return load_bounded


for _code in (pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3):
    _load = SafeUnpickler.dispatch[_code[0]]
    SafeUnpickler.dispatch[_code[0]] = _bounded(_load)


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
    if math.prod(size) > max(len(storage), _COPIES):
        raise pickle.UnpicklingError('a tensor is larger than its bytes')
    return storage.as_strided(size, stride, offset)


def _plain_dtype(name: str, *_: Any) -> np.dtype:
    """Make a type of numbers or short strings, a new object."""
    if not re.fullmatch(r'[|<>=]?[?biufcOSU]\d{0,4}', name):
        raise pickle.UnpicklingError(f'it holds arrays of {name!r}')
    return np.dtype(name, False, True)


def _plain_slice(*ends: int | None) -> slice:
    if not all(end is None or isinstance(end, int) for end in ends):
        raise pickle.UnpicklingError('it holds a slice of no numbers')
    return slice(*ends)


def _statistics(owner: Any, name: str) -> None:
    """Leave out the functions of a ``HistoryBuffer``, which it has itself."""
    if getattr(owner, '__name__', '') != 'HistoryBuffer':
        raise pickle.UnpicklingError(f'refused, it wants to use {name!r}')


_REPLACED = {
    ('_codecs', 'encode'): lambda text, _: text.encode('latin1'),
    ('builtins', 'bytes'): lambda: b'',
    ('builtins', 'getattr'): _statistics,
    ('builtins', 'slice'): _plain_slice,
    ('numpy', 'dtype'): _plain_dtype,
    ('numpy', 'ndarray'): None,  # an argument of the next one
    (f'numpy.{_NUMPY}.multiarray', '_reconstruct'): lambda *_: np.empty(0),
    ('torch._utils', '_rebuild_parameter'): lambda data, *_: data,
    ('torch._utils', '_rebuild_tensor'): _rebuild_tensor,
    ('torch._utils', '_rebuild_tensor_v2'): _rebuild_tensor,
    ('torch._utils', '_rebuild_tensor_v3'): _rebuild_tensor,
    ('torch.storage', 'UntypedStorage'): torch.uint8,
    **{('torch', f'{n}Storage'): dtype for n, dtype in _DTYPES.items()},
}
