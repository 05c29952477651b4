"""Files of weights, read without running anything that is in them."""

import pickle
import re
import struct
import zipfile
from pathlib import Path
from typing import IO, Any

import torch

from . import inert_pickle
from .torchscript_archive import read_torchscript

_BROKEN = (
    *(AttributeError, EOFError, IndexError, KeyError, OSError),
    *(RuntimeError, TypeError),
    *(ValueError, struct.error, pickle.UnpicklingError, zipfile.BadZipFile),
)


class UntrustedFileError(ValueError):
    """A file that holds more than weights, and was not to be trusted."""


def read_weight_file(
    path: str | Path, trust: bool = False, device: str = 'cpu'
) -> Any:
    """Read a checkpoint: a torch file, TorchScript archive or safetensors.

    Torch files are read with ``weights_only=True``: tensors, numbers,
    strings, containers. With ``trust``, files may hold other objects too.
    These are skipped, not built, so that neither their packages are needed
    nor their code runs. Of a TorchScript archive only the tensors are read,
    see :func:`read_torchscript`.

    Args:
        path: The file.
        trust: Whether a file may hold more than weights.
        device: Where to; ``'meta'`` reads shapes without the weights of a
            torch file.

    Returns:
        What the file holds.

    Raises:
        FileNotFoundError: If there is no such file.
        UntrustedFileError: If the file holds other objects than weights.
        ValueError: If the file is truncated or no file of weights.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'there is no weight file {str(path)!r}')
    try:
        if path.suffix == '.safetensors':
            return _read_safetensors(path)
        with path.open('rb') as file:
            weights = read_torchscript(file)
            if weights is None:
                weights = _read_torch(file, trust, device)
        return weights
    except UntrustedFileError:
        raise
    except _BROKEN as error:
        reason = str(error).strip().splitlines() or [repr(error)]
        raise ValueError(
            f'{path} ({path.stat().st_size:,} bytes) is truncated or no file '
            f'of weights: {reason[0][:200]}. Compare its size with that of '
            'the source, and copy it again'
        ) from error


def _read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(str(path))
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _read_torch(file: IO[bytes], trust: bool, device: str) -> Any:
    file.seek(0)
    try:
        return torch.load(file, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        strangers = _strangers(file, error)
        if not strangers:
            raise
        if not trust:
            raise UntrustedFileError(
                f'{file.name} holds more than weights: '
                f'{", ".join(strangers)}. '
                'Pickled objects can run code when they are loaded, so it is '
                'refused. If you know where the file comes from, pass --trust '
                '(trust=True in Python): weights and containers are read and '
                'all else is skipped, nothing of it runs'
            ) from error
    file.seek(0)
    return torch.load(
        file,
        map_location=device,
        weights_only=False,
        pickle_module=inert_pickle,
    )


def _strangers(file: IO[bytes], error: Exception) -> list[str]:
    """Name what of a file is not weights; empty if it is just broken."""
    file.seek(0)
    if zipfile.is_zipfile(file):
        file.seek(0)
        found = torch.serialization.get_unsafe_globals_in_checkpoint(file)
    else:
        found = re.findall(r'GLOBAL ([\w.]+)', str(error))
    return sorted(set(found))[:5]
