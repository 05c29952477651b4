"""Repair the few breaks of the host stack, in memory and only where it fails.

MMEngine 0.10.7 and MMAction2 1.2.0 were released before the PyTorch, NumPy
and transformers of today. Every repair below probes what the host *does*,
never its version number, so it switches itself off on a host that is healthy
(a fork, a newer release, a hand-patched copy). Nothing is edited on disk.

:func:`apply` runs them all. It may be called any number of times; it draws
no random number, touches no GPU and reads no data file.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
import types
import warnings
from collections.abc import Sequence
from typing import Any

UNSAFE_PICKLE = 'MMOVAR_UNSAFE_PICKLE'
"""Environment variable; 1 lets MMEngine's checkpoints run code."""

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
    resume_from_whole_checkpoints()
    keep_decoder_in_inferencer()
    allow_amp_on_cpus()


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
                spec.loader = _TorchvisionLoader(spec, spec.loader)
                return spec
        return None


class _TorchvisionLoader(importlib.abc.Loader):
    """Run torchvision's loader; after a missing operator, define and rerun."""

    def __init__(
        self,
        spec: importlib.machinery.ModuleSpec,
        loader: importlib.abc.Loader,
    ) -> None:
        self.spec, self.loader = spec, loader

    def create_module(
        self, spec: importlib.machinery.ModuleSpec
    ) -> types.ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__loader__ = self.spec.loader = self.loader
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
        vars(module)['DRN'] = _MissingDRN


class _MissingDRN:
    """Placeholder of MMAction2's temporal grounding model ``DRN``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(
            'DRN is not part of the installed mmaction2: its wheel lacks '
            f'{_DRN} (https://github.com/open-mmlab/mmaction2/issues/2714).'
        )


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
    from mmaction.utils import dependency

    if dependency.WITH_MULTIMODAL and not _can_import_vindlu():
        dependency.WITH_MULTIMODAL = False


def _can_import_vindlu() -> bool:
    """Try what ``mmaction.models.multimodal.vindlu`` takes from outside."""
    if importlib.metadata.version('transformers') >= '5':
        return False  # known, and a try would import torchvision
    needed = {
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
        'timm.models.layers': ('DropPath',),
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


def accept_host_checkpoints() -> None:
    """Let MMEngine read its own checkpoints where torch refuses to.

    Since torch 2.6 ``torch.load`` unpickles weights only, and MMEngine puts
    a ``HistoryBuffer`` with NumPy arrays beside the weights: ``--resume``
    and testing fail with ``UnpicklingError: Weights only load failed``.
    Local files are read by :func:`mmovar.clip.weight_files.read_weight_file`
    instead, which knows them and runs nothing. A file with other objects is
    refused, and they are named. ``MMOVAR_SKIP_FOREIGN=1`` skips them;
    ``MMOVAR_UNSAFE_PICKLE=1`` builds them, which can run code.

    See https://github.com/open-mmlab/mmengine/issues/1655.
    """
    from mmengine.runner.checkpoint import CheckpointLoader

    CheckpointLoader.register_scheme('', load_from_local, force=True)


def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Read a local file for MMEngine.

    Args:
        filename: The file.
        map_location: A device; anything else that ``torch.load`` takes is
            the CPU.
    """
    import torch

    from mmovar.clip.weight_files import read_weight_file

    known = isinstance(map_location, (str, torch.device))
    return read_weight_file(
        os.path.expanduser(filename),
        unsafe_pickle=os.environ.get(UNSAFE_PICKLE) == '1',
        device=map_location if known else 'cpu',
    )


def resume_from_whole_checkpoints() -> None:
    """Let MMEngine resume from the newest checkpoint that can be read.

    It believes ``last_checkpoint``: if a kill left it empty, training begins
    anew and overwrites what is there; if it names a broken file, or one of
    the folder that a run was copied from, so be it. See
    :func:`mmovar.engine.find_newest_checkpoint`.
    """
    from mmengine.runner import _flexible_runner, checkpoint, runner

    for module in (checkpoint, runner, _flexible_runner):
        module.find_latest_checkpoint = find_newest_checkpoint


def find_newest_checkpoint(path: str) -> str | None:
    """Stand for MMEngine's ``find_latest_checkpoint``."""
    from mmovar.engine.newest_checkpoint import find_newest_checkpoint

    return find_newest_checkpoint(path)


def keep_decoder_in_inferencer() -> None:
    """Let ``ActionRecogInferencer`` open and decode videos as the config."""
    from mmaction.apis.inferencers import ActionRecogInferencer as Inferencer

    stock = Inferencer._init_pipeline

    def init_pipeline(self: Any, config: Any) -> Any:
        from mmaction.registry import TRANSFORMS

        dataset = config.test_dataloader.dataset
        ours = [s for s in dataset.pipeline if s['type'].startswith('Video')]
        pipeline = stock(self, config)  # changes the config
        if self.input_format == 'video' and len(ours) == 2:
            steps = pipeline.transforms
            for i, step in enumerate(steps):
                if type(step).__name__ in ('DecordInit', 'DecordDecode'):
                    steps[i] = TRANSFORMS.build(ours.pop(0))
        return pipeline

    if stock.__module__ != __name__:
        Inferencer._init_pipeline = init_pipeline


def allow_amp_on_cpus() -> None:
    """Let ``AmpOptimWrapper`` be built where there is no GPU.

    It refuses CPUs, which have autocast to bfloat16. Its loss scaler, which
    float16 needs and no CPU has, turns itself off there.
    """
    from mmengine.optim.optimizer import amp_optimizer_wrapper as host

    if not host.is_cuda_available():
        host.is_cuda_available = lambda: True
