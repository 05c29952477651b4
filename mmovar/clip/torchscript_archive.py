"""The tensors of a TorchScript archive, without running it."""

import zipfile
from typing import IO, Any

import torch
from torch import Tensor

from .inert_pickle import Unpickler

_DTYPES = {
    'BFloat16Storage': torch.bfloat16,
    'BoolStorage': torch.bool,
    'ByteStorage': torch.uint8,
    'CharStorage': torch.int8,
    'DoubleStorage': torch.float64,
    'FloatStorage': torch.float32,
    'HalfStorage': torch.float16,
    'IntStorage': torch.int32,
    'LongStorage': torch.int64,
    'ShortStorage': torch.int16,
}


def read_torchscript(file: IO[bytes]) -> dict[str, Tensor] | None:
    """Read the tensors of a TorchScript archive, such as OpenAI's CLIP.

    ``torch.jit.load`` compiles the code in the archive and may run it (a
    ``__setstate__`` of a module, which can write files). Here the code is not
    looked at: the module tree is a pickle of attributes, the storages lie
    beside it as raw bytes.

    Args:
        file: The archive, or another file.

    Returns:
        Name to tensor, for all tensors that are attributes of modules:
        parameters, buffers, and constants that were attributes. None if the
        file is no such archive: it has no code in it.

    Raises:
        ValueError: If a tensor reaches beyond its bytes.
    """
    if not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if not any('/code/' in name for name in names):
            return None
        data = next(name for name in names if name.endswith('/data.pkl'))
        with archive.open(data) as pickled:
            folder = data.removesuffix('.pkl')
            tree = _ArchiveUnpickler(pickled, archive, folder).load()
    return dict(_named_tensors(tree, ''))


class _Module:
    """A module of the archive: its attributes."""

    attributes: Any = None

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.attributes = state


class _Storage:
    """Bytes of a storage, as a flat tensor."""

    def __init__(self, flat: Tensor) -> None:
        self.flat = flat


class _ArchiveUnpickler(Unpickler):
    def __init__(self, file, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(file)
        self._archive, self._folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:
        if module == 'torch' and name in _DTYPES:
            return _DTYPES[name]
        if module == 'torch._utils' and name == '_rebuild_tensor_v2':
            return _rebuild
        if module.startswith('__torch__'):
            return _Module
        return super().find_class(module, name)

    def persistent_load(self, pid: tuple) -> _Storage:
        _, dtype, key, _, _ = pid
        content = bytearray(self._archive.read(f'{self._folder}/{key}'))
        if not content:
            return _Storage(torch.empty(0, dtype=dtype))
        return _Storage(torch.frombuffer(content, dtype=dtype))


def _rebuild(storage: _Storage, offset: int, size, stride, *_: Any) -> Tensor:
    try:
        return storage.flat.as_strided(tuple(size), tuple(stride), offset)
    except RuntimeError as error:
        raise ValueError(f'a tensor is out of its bytes: {error}') from error


def _named_tensors(module: Any, prefix: str):
    attributes = getattr(module, 'attributes', None)
    if not isinstance(attributes, dict):
        return
    for name, value in attributes.items():
        if isinstance(value, Tensor):
            yield prefix + name, value
        elif isinstance(value, _Module):
            yield from _named_tensors(value, f'{prefix}{name}.')
