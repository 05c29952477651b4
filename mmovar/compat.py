"""Repair the few breaks of the host stack, in memory and only where it fails.

MMEngine 0.10.7 and MMAction2 1.2.0 were released before the PyTorch, NumPy
and transformers of today. Every repair below probes what the host *does*,
never its version number, so it switches itself off on a host that is healthy
(a fork, a newer release, a hand-patched copy). Nothing is edited on disk.

:func:`apply` runs them all. It may be called any number of times; it draws
no random number, touches no GPU and reads no data file.
"""

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import pickle
import re
import sys
import types
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

TRUST_VARIABLE = 'MMOVAR_TRUST'
"""Environment variable; 1 lets checkpoints hold any object."""

_DRN = 'mmaction.models.localizers.drn'
_TORCHVISION_OPS = (
    'nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor',
    'qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor',
)
_KEEP_ALIVE: list[Any] = []  # torch.library definitions die with their handle


def apply() -> None:
    """Make MMEngine and MMAction2 usable on the stack that is installed.

    Raises:
        ImportError: If neither ``mmcv`` nor ``mmcv-lite`` is installed.
    """
    require_mmcv()
    quiet_mmcv_lite()
    repair_torchvision()
    provide_drn()
    drop_broken_multimodal()
    accept_host_checkpoints()


def require_mmcv() -> None:
    """Explain how to get ``mmcv`` when it is missing.

    ``mmcv`` and ``mmcv-lite`` own the same files, so requiring either in the
    package metadata would overwrite the other one. The choice is the user's.

    Raises:
        ImportError: If the module ``mmcv`` cannot be found.
    """
    if 'mmcv' in sys.modules or importlib.util.find_spec('mmcv') is not None:
        return
    raise ImportError(
        'mmovar needs mmcv or mmcv-lite (>=2.0.0, <2.2.0), and neither is '
        "installed. Run `pip install 'mmovar[mmcv-lite]'` (no compiler "
        'needed), or install a full mmcv of that range yourself.'
    )


def quiet_mmcv_lite() -> None:
    """Import what of mmcv-lite complains that it is not the full mmcv.

    The one operator it misses, ``MultiScaleDeformableAttention``, belongs to
    detection models. Without this every process of every run says so.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='Fail to import ``Multi')
        importlib.import_module('mmcv.cnn.bricks.transformer')


# --------------------------------------------------------------------------
# torchvision built for CUDA beside a CPU-only torch
# --------------------------------------------------------------------------
def repair_torchvision() -> None:
    """Let a CUDA build of torchvision be imported beside a CPU-only torch.

    Its compiled operators cannot be loaded there, so the import dies with
    ``RuntimeError: operator torchvision::nms does not exist``. With it die
    ``open_clip``, ``timm`` and the start of every MMEngine ``Runner``, whose
    ``collect_env`` catches ``ModuleNotFoundError`` only. The repair waits
    for somebody to import torchvision, and acts only when that failed:
    transforms and layers then work, compiled operators still do not.

    See https://github.com/pytorch/vision/issues/9077.
    """
    if 'torchvision' in sys.modules:
        return
    if not any(isinstance(f, _TorchvisionFinder) for f in sys.meta_path):
        sys.meta_path.insert(0, _TorchvisionFinder())


class _TorchvisionFinder(importlib.abc.MetaPathFinder):
    """Hand out torchvision's own spec with a loader that may try twice."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != 'torchvision':
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, 'find_spec'):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _TorchvisionLoader(spec.loader)
                return spec
        return None


class _TorchvisionLoader(importlib.abc.Loader):
    """Run torchvision's loader; after a missing operator, define and rerun."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self.loader = loader

    def create_module(
        self, spec: importlib.machinery.ModuleSpec
    ) -> types.ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__loader__ = module.__spec__.loader = self.loader
        try:
            self.loader.exec_module(module)
        except RuntimeError as error:
            if 'operator torchvision::' not in str(error):
                raise
            for name in [n for n in sys.modules if n[:12] == 'torchvision.']:
                del sys.modules[name]
            _define_torchvision_ops()
            self.loader.exec_module(module)


def _define_torchvision_ops() -> None:
    """Declare the two operators that torchvision registers fakes for."""
    import torch

    library = torch.library.Library('torchvision', 'FRAGMENT')
    for schema in _TORCHVISION_OPS:
        library.define(schema)
    _KEEP_ALIVE.append(library)


# --------------------------------------------------------------------------
# mmaction.models.localizers.drn is missing from every wheel
# --------------------------------------------------------------------------
def provide_drn() -> None:
    """Stand in for the sub-package that MMAction2's wheel lacks.

    The folder has no ``__init__.py``, so setuptools skipped it, and
    ``import mmaction.models`` (hence every build from the registry) fails
    with ``No module named 'mmaction.models.localizers.drn'``. The finder
    stands last in the queue: a real ``drn`` always wins.

    See https://github.com/open-mmlab/mmaction2/issues/2714.
    """
    if not any(isinstance(f, _DRNFinder) for f in sys.meta_path):
        sys.meta_path.append(_DRNFinder())


class _DRNFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Find (and be the loader of) an empty ``drn`` package."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in (_DRN, f'{_DRN}.drn'):
            return None
        return importlib.machinery.ModuleSpec(
            fullname, self, is_package=fullname == _DRN
        )

    def exec_module(self, module: types.ModuleType) -> None:
        module.DRN = _MissingDRN


class _MissingDRN:
    """Placeholder of MMAction2's temporal grounding model ``DRN``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(
            'DRN is not part of the installed mmaction2: its wheel lacks '
            f'{_DRN} (https://github.com/open-mmlab/mmaction2/issues/2714).'
        )


# --------------------------------------------------------------------------
# transformers that MMAction2's multi-modal models cannot use
# --------------------------------------------------------------------------
def drop_broken_multimodal() -> None:
    """Keep an unsuitable ``transformers`` from breaking all of MMAction2.

    As soon as any ``transformers>=4.28`` is installed, ``mmaction.models``
    imports VindLU, which needs ``timm`` and functions that newer
    transformers moved or removed. If those imports fail, MMAction2 is told
    that it has no multi-modal dependencies; it then registers placeholders,
    as on a machine without transformers.

    See https://github.com/open-mmlab/mmaction2/blob/v1.2.0/mmaction/models/
    multimodal/__init__.py.
    """
    if 'mmaction.models' in sys.modules:
        return
    dependency = importlib.import_module('mmaction.utils.dependency')
    if dependency.WITH_MULTIMODAL and not _can_import_vindlu():
        dependency.WITH_MULTIMODAL = False


def _can_import_vindlu() -> bool:
    """Try what ``mmaction.models.multimodal.vindlu`` takes from outside."""
    needed = {
        'timm.models.layers': ('DropPath',),
        'transformers': ('BertTokenizer',),
        'transformers.file_utils': ('ModelOutput', 'add_start_docstrings'),
        'transformers.modeling_utils': (
            'PreTrainedModel',
            'apply_chunking_to_forward',
            'find_pruneable_heads_and_indices',
            'prune_linear_layer',
        ),
        'transformers.models.beit.modeling_beit': (
            'BeitAttention',
            'BeitDropPath',
            'BeitLayer',
            'BeitRelativePositionBias',
        ),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            return all(
                hasattr(importlib.import_module(module), name)
                for module, names in needed.items()
                for name in names
            )
    except (ImportError, RuntimeError):  # lazy modules raise RuntimeError
        return False


# --------------------------------------------------------------------------
# torch >= 2.6 refuses the checkpoints that MMEngine writes
# --------------------------------------------------------------------------
def accept_host_checkpoints() -> None:
    """Let MMEngine read its own checkpoints where torch refuses to.

    Since torch 2.6 ``torch.load`` unpickles weights only, and MMEngine puts
    a ``HistoryBuffer`` with NumPy arrays beside the weights: ``--resume``
    and testing fail with ``UnpicklingError: Weights only load failed``.
    The loader put in front names what MMEngine itself writes as safe, so
    such files load under torch's protection and without a warning. A file
    with anything else in it is refused, and the objects are named: building
    them can run code. Who trusts a file sets ``MMOVAR_TRUST=1``, as
    ``--trust`` of the tools does.

    See https://github.com/open-mmlab/mmengine/issues/1655.
    """
    from mmengine.runner.checkpoint import CheckpointLoader

    host = CheckpointLoader._schemes.get('')
    if host is None or hasattr(host, 'host_loader'):
        return
    CheckpointLoader.register_scheme('', _local_loader(host), force=True)


def _local_loader(host: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap MMEngine's loader of local files."""

    @functools.wraps(host)
    def load(filename: str, map_location: Any = None) -> Any:
        import torch

        if not hasattr(torch.serialization, 'safe_globals'):
            return host(filename, map_location)  # torch < 2.5
        return _read_guarded(
            filename,
            lambda: host(filename, map_location),
            lambda: torch.load(filename, map_location, weights_only=False),
        )

    load.host_loader = host
    return load


def load_host_checkpoint(path: str | os.PathLike) -> Any:
    """Read a checkpoint of MMEngine to the CPU, as safely as ``load_from``.

    Raises:
        pickle.UnpicklingError: If it holds other objects and they are not
            trusted, see :func:`accept_host_checkpoints`.
    """
    import torch

    # what is not used, such as moments of the optimizer, stays on the disk
    load = functools.partial(
        torch.load, path, 'cpu', mmap=zipfile.is_zipfile(path)
    )
    return _read_guarded(
        str(path),
        lambda: load(weights_only=True),
        lambda: load(weights_only=False),
    )


def _read_guarded(
    filename: str, read: Callable[[], Any], read_all: Callable[[], Any]
) -> Any:
    """Read weights and MMEngine's state; more only where it is trusted."""
    import torch

    with torch.serialization.safe_globals(list(_host_globals())):
        try:
            return read()
        except pickle.UnpicklingError as error:
            foreign = _foreign_globals(filename) or re.findall(
                r'GLOBAL ([\w.]+)', str(error)
            )
            reason = ', '.join(foreign) or str(error).splitlines()[0]
    if os.environ.get(TRUST_VARIABLE) == '1':
        return read_all()
    raise pickle.UnpicklingError(
        f'{filename} holds more than weights and MMEngine state ({reason}). '
        'Loading it can run code, so it is refused; if you trust its source, '
        f'pass --trust or set {TRUST_VARIABLE}=1. Released files of other '
        'projects: tools/convert_weights.py --trust reads them and runs '
        'nothing'
    )


def _host_globals() -> Iterator[Any]:
    """Yield what MMEngine's own checkpoints contain beside weights."""
    import _codecs

    import numpy as np
    from mmengine.logging import HistoryBuffer

    scalar = np.float64(0).__reduce__()[0]
    reconstruct = np.zeros(1).__reduce__()[0]
    yield HistoryBuffer
    yield _history_buffer_method, 'builtins.getattr'
    yield np.ndarray
    yield np.dtype
    yield _codecs.encode
    for package in ('numpy.core', 'numpy._core'):
        yield scalar, f'{package}.multiarray.scalar'
        yield reconstruct, f'{package}.multiarray._reconstruct'
    yield from {type(np.dtype(code)) for code in '?bBhHiIlLqQefdSU'}


def _history_buffer_method(owner: type, name: str) -> Callable[..., Any]:
    """Stand in for ``getattr`` while a checkpoint is read.

    A ``HistoryBuffer`` pickles references to its statistics methods; no
    other attribute may be asked for.
    """
    from mmengine.logging import HistoryBuffer

    if owner is not HistoryBuffer or name.startswith('_'):
        raise pickle.UnpicklingError(
            f'Weights only load failed: getattr({owner!r}, {name!r})'
        )
    return getattr(owner, name)


def _foreign_globals(filename: str) -> list[str]:
    """List the pickled globals that are neither torch's nor MMEngine's."""
    import torch

    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(filename)
    except (ValueError, RuntimeError):  # a file in torch's old format
        return []
    return sorted(names)
