"""Files of weights, read without running anything that is in them."""

import os
from pathlib import Path
from typing import IO, Any

import torch

from .regular_file import open_regular
from .torch_files import Device, TorchArchive, read_legacy

SKIP_FOREIGN = 'MMOVAR_SKIP_FOREIGN'
"""Environment variable; 1 skips what is not weights in every file."""


class UntrustedFileError(ValueError):
    """A file that holds more than weights."""


def read_weight_file(
    path: str | Path,
    skip_foreign: bool = False,
    unsafe_pickle: bool = False,
    device: Device = 'cpu',
    lazy: bool = False,
) -> Any:
    """Read a checkpoint: a file of torch, TorchScript or safetensors.

    Its content tells which. Read are tensors, arrays, numbers, strings,
    containers and what MMEngine logs; nothing in the file runs, see
    :class:`SafeUnpickler`. Of TorchScript only tensors are read. The file is
    opened once.

    Args:
        path: The file.
        skip_foreign: Whether a file may hold other objects too. They are
            skipped, not built. ``MMOVAR_SKIP_FOREIGN=1`` says so for all.
        unsafe_pickle: Whether other objects of a checkpoint of MMEngine (it
            has ``meta`` and ``state_dict``) are built, unless they are
            skipped. **This can run any code.**
        device: Where tensors go.
        lazy: Whether tensors stay on the disk until they are used. The file
            must not be written to meanwhile.

    Returns:
        What the file holds.

    Raises:
        FileNotFoundError: If there is no such file.
        UntrustedFileError: If the file holds other objects than weights.
        ValueError: If the file is truncated or no file of weights.
    """
    skip_foreign = skip_foreign or os.environ.get(SKIP_FOREIGN) == '1'
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            content, disallowed_globals = _read(file, size, device, lazy)
        except Exception as error:  # a hostile file may raise anything
            reason = str(error).strip().splitlines() or [repr(error)]
            raise ValueError(
                f'{path} ({size:,} bytes) is truncated or no file of '
                f'weights: {reason[0][:200]}. Compare its size with that of '
                'the source, and copy it again'
            ) from error
        if not disallowed_globals or skip_foreign:
            return content
        names = content if isinstance(content, dict) else ()
        if unsafe_pickle and 'meta' in names and 'state_dict' in names:
            file.seek(0)
            return torch.load(file, map_location=device, weights_only=False)
    found = sorted(disallowed_globals)
    raise UntrustedFileError(
        f'{path} holds more than weights: {", ".join(found[:5])}. '
        'Pickled objects can run code when they are loaded, so it is refused. '
        '--skip-foreign (skip_foreign=True in Python) reads the weights and '
        'skips the rest, nothing of it runs. Checkpoints of MMEngine are '
        'loaded in full with --unsafe-pickle: only if you trust their author'
    )


def _read(
    file: IO[bytes], size: int, device: Device, lazy: bool
) -> tuple[Any, set[str]]:
    """Tell the format by the first bytes; read content and foreign names."""
    head = file.read(512)
    file.seek(0)
    if head.startswith(b'PK\x03\x04'):
        return TorchArchive(file, device, lazy).read()
    if head[257:262] == b'ustar':
        raise ValueError(
            'a tar file of PyTorch before 0.2; load it there and save its '
            'state_dict anew'
        )
    if head.startswith(b'\x80'):
        return read_legacy(file, size, device)
    if head[8:9] == b'{':
        from safetensors.torch import load

        tensors = load(file.read())
        return {k: v.to(device) for k, v in tensors.items()}, set()
    raise ValueError(f'it begins with {head[:8]!r}')
