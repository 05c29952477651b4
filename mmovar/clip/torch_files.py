"""Files of ``torch.save`` and ``torch.jit.save``, of which nothing runs."""

import io
import mmap
import struct
import zipfile
import zlib
from typing import IO, Any

import torch
from torch import Tensor

from .safe_pickle import SafeUnpickler, ScriptModule

Device = str | torch.device
_MAGIC = 0x1950A86A20F9469CFC6C  # begins a file of torch's old format


class TorchArchive:
    """A zip file of torch, whose records are never compressed.

    ``torch.jit.load`` compiles the code in a TorchScript archive and may run
    it (a ``__setstate__`` of a module, which can write files). Here code is
    not looked at: the module tree is a pickle of attributes, storages lie
    beside it as raw bytes, as in any other file of torch.

    Args:
        file: The open file.
        device: Where tensors go.
        lazy: Whether tensors stay on the disk until they are used.

    Attributes:
        scripted: Whether it is TorchScript. As torch does, which finds
            records whatever their case.
    """

    def __init__(self, file: IO[bytes], device: Device, lazy: bool) -> None:
        entries = zipfile.ZipFile(file).infolist()
        self._entries = {entry.filename: entry for entry in entries}
        self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        self._device, self._lazy = device, lazy
        self._left = len(self._bytes)  # that may still be read
        self._storages: dict[str, Tensor] = {}
        names = [name.casefold() for name in self._entries]
        self.scripted = any(n.endswith('/constants.pkl') for n in names)
        self._folder = next(
            name.removesuffix('data.pkl')
            for name in self._entries
            if name.endswith('/data.pkl')
        )

    def read(self) -> tuple[Any, set[str]]:
        """Read the content, of TorchScript name to tensor; and foreign names.

        Raises:
            Exception: Of any kind, if the file is broken or crafted.
        """
        byteorder = f'{self._folder}byteorder'
        if byteorder in self._entries and self._record(byteorder) == b'big':
            raise ValueError('it was written by a big-endian machine')
        pickled = io.BytesIO(self._record(f'{self._folder}data.pkl'))
        unpickler = SafeUnpickler(pickled, self._storage)
        content = unpickler.load()
        if self.scripted:
            return _named_tensors(content), set()
        return content, unpickler.disallowed_globals

    def _record(self, name: str) -> memoryview:
        entry = self._entries[name]
        if entry.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f'{name} is compressed, which torch never does')
        header = struct.unpack_from(
            '<HH', self._bytes, entry.header_offset + 26
        )
        start = entry.header_offset + 30 + sum(header)
        record = memoryview(self._bytes)[start : start + entry.file_size]
        self._left -= entry.file_size
        if self._left < 0 or len(record) < entry.file_size:
            raise ValueError('its records are larger than the file')
        if not self._lazy and zlib.crc32(record) != entry.CRC:
            raise ValueError(f'{name} has another checksum')
        return record

    def _storage(self, pid: tuple) -> Tensor:
        """Return the flat tensor of a persistent id."""
        _, dtype, key, *_ = pid
        if key not in self._storages:
            record = self._record(f'{self._folder}data/{key}')
            flat = torch.empty(0, dtype=torch.uint8)
            if record:
                flat = torch.frombuffer(record, dtype=torch.uint8)
            flat = flat if self._lazy else flat.clone()
            self._storages[key] = flat.to(self._device)
        return self._storages[key].view(dtype)


def read_legacy(
    file: IO[bytes], size: int, device: Device
) -> tuple[Any, set[str]]:
    """Read what ``torch.save`` wrote before PyTorch 1.6.

    Args:
        file: The open file, at its beginning.
        size: Of the file, in bytes.
        device: Where tensors go.

    Returns:
        The content, and foreign names.

    Raises:
        Exception: Of any kind, if the file is broken or crafted.
    """
    storages: dict[str, Tensor] = {}
    left = size

    def storage(pid: tuple) -> Tensor:
        nonlocal left
        _, dtype, key, _, count, view = pid
        if key not in storages:
            left -= count * dtype.itemsize
            if left < 0 or view is not None:
                raise ValueError('its tensors are larger than the file')
            storages[key] = torch.empty(count, dtype=dtype, device=device)
        return storages[key]

    unpickler = SafeUnpickler(file, storage)
    if unpickler.load() != _MAGIC:
        raise ValueError('a pickle, but none of torch.save')
    _, _, content, keys = (unpickler.load() for _ in range(4))
    for key in keys:
        flat = storages[key]
        content_bytes = bytearray(file.read(8 + flat.nbytes))
        if struct.unpack_from('<q', content_bytes) != (len(flat),):
            raise ValueError('a tensor has another size than it should')
        if len(flat):
            flat.copy_(
                torch.frombuffer(content_bytes, offset=8, dtype=flat.dtype)
            )
    return content, unpickler.disallowed_globals


def _named_tensors(root: Any) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    seen: set[int] = set()
    left = [('', root)]
    while left:
        prefix, module = left.pop()
        attributes = getattr(module, 'attributes', None)
        if id(module) in seen or not isinstance(attributes, dict):
            continue
        seen.add(id(module))
        for name, value in attributes.items():
            if isinstance(value, Tensor):
                found[prefix + name] = value
            elif isinstance(value, ScriptModule):
                left.append((f'{prefix}{name}.', value))
    return found
