"""A pickle reader that builds tensors and containers, and runs nothing else.

The module has the interface that ``torch.load(pickle_module=...)`` asks for.
Each class or function that is none of the harmless ones below becomes an
:class:`Inert`, which takes any arguments and does nothing. So a training
checkpoint with a config object of a package that is not installed can be
read, and code in a crafted file never runs.
"""

import pickle
from typing import IO, Any

_SAFE = {
    'builtins': {'bytearray', 'complex', 'frozenset', 'list', 'set', 'slice'},
    'collections': {'Counter', 'OrderedDict', 'defaultdict'},
    'torch': {
        *('Size', 'device', 'dtype', 'float16', 'float32', 'float64'),
        *('bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'bool'),
    },
    'torch._utils': {
        *('_rebuild_parameter', '_rebuild_tensor', '_rebuild_tensor_v2'),
    },
    'torch.nn.parameter': {'Parameter'},
    'torch.serialization': {'_get_layout'},
    'torch.storage': {'TypedStorage', 'UntypedStorage'},
}


class Inert(dict):
    """Stands for an object of a file that is not built.

    It is a dict because config objects mostly are: their items are kept.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        """Ignore the state."""

    def __call__(self, *args: Any, **kwargs: Any) -> 'Inert':
        """Stand for what a call would return."""
        return Inert()

    def __hash__(self) -> int:  # keys of sets and dicts
        return id(self)

    def append(self, item: Any) -> None:
        """Ignore an item of a list."""

    def extend(self, items: Any) -> None:
        """Ignore items of a list."""

    def add(self, item: Any) -> None:
        """Ignore an item of a set."""


class Unpickler(pickle.Unpickler):
    """Unpickler that knows harmless names only."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for, :class:`Inert` if it may do harm."""
        module = {'__builtin__': 'builtins'}.get(module, module)
        if name in _SAFE.get(module, ()):
            return super().find_class(module, name)
        return Inert


def load(file: IO[bytes], **kwargs: Any) -> Any:
    """Read one object of an open file."""
    return Unpickler(file, **kwargs).load()
