"""Each repair works where the host fails and is silent where it does not."""

import subprocess
import sys
import types
import warnings

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader

from mmovar import compat


class Foreign:
    """Something that no MMEngine checkpoint contains."""


@pytest.fixture
def mmengine_checkpoint(tmp_path):
    """Write a file with all that MMEngine puts beside the weights."""
    buffer = HistoryBuffer()
    buffer.update(1.5)
    buffer.update(2.5, 3)
    path = tmp_path / 'epoch_1.pth'
    torch.save(
        dict(
            meta=dict(epoch=1, dataset_meta=dict(classes=('a', 'b'))),
            state_dict=dict(weight=torch.ones(2)),
            message_hub=dict(
                log_scalars={'train/loss': buffer},
                runtime_info=dict(best=np.float64(0.5), count=np.int64(3)),
                resumed_keys={'train/loss': True},
            ),
        ),
        path,
    )
    return str(path)


def run_python(code):
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_apply_twice_changes_nothing_more():
    compat.apply()
    finders, loaders = list(sys.meta_path), dict(CheckpointLoader._schemes)
    compat.apply()
    assert sys.meta_path == finders
    assert CheckpointLoader._schemes == loaders


def test_missing_mmcv_names_the_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, 'mmcv', raising=False)
    monkeypatch.setattr(compat.importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match=r'mmovar\[mmcv-lite\]'):
        compat.require_mmcv()


def test_imported_mmcv_of_any_flavour_raises_no_error(monkeypatch):
    monkeypatch.setattr(compat.importlib.util, 'find_spec', lambda name: None)
    monkeypatch.setitem(sys.modules, 'mmcv', types.ModuleType('mmcv'))
    compat.require_mmcv()


def test_drn_stub_lets_mmaction_models_import_and_explains_itself():
    from mmaction.models.localizers import DRN

    assert DRN.__name__ in ('DRN', compat._MissingDRN.__name__)
    with pytest.raises(ImportError, match='issues/2714'):
        compat._MissingDRN()


def test_real_drn_wins_over_the_stub(tmp_path, monkeypatch):
    finder = next(f for f in sys.meta_path if isinstance(f, compat._DRNFinder))
    assert sys.meta_path.index(finder) > 0
    (tmp_path / 'drn').mkdir()
    (tmp_path / 'drn' / '__init__.py').write_text('real = True\n')
    package = types.ModuleType('mmaction.models.localizers')
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    monkeypatch.delitem(sys.modules, compat._DRN, raising=False)
    module = compat.importlib.import_module(compat._DRN)
    sys.modules.pop(compat._DRN)
    assert module.real


def test_drn_finder_answers_for_nothing_else():
    finder = compat._DRNFinder()
    assert finder.find_spec('mmaction.models.localizers.bmn', None) is None


def test_torchvision_imports_and_collect_env_reports_it():
    out = run_python(
        'from mmovar import compat; compat.apply()\n'
        'import sys; assert "torchvision" not in sys.modules\n'
        'from mmengine.utils.dl_utils import collect_env\n'
        'print(collect_env()["TorchVision"])\n'
        'import torchvision, open_clip\n'
        'assert "compat" not in repr(torchvision.__spec__)\n'
    )
    assert out.strip()


@pytest.mark.parametrize(
    'error', [RuntimeError('something else'), ImportError('libcudart.so')]
)
def test_torchvision_repair_does_not_hide_other_errors(error):
    class Broken:
        def exec_module(self, module):
            raise error

    module = types.ModuleType('torchvision')
    spec = types.SimpleNamespace(loader=None)
    with pytest.raises(type(error), match=str(error)):
        compat._TorchvisionLoader(spec, Broken()).exec_module(module)


def test_torchvision_repair_does_nothing_when_the_import_works(monkeypatch):
    class Healthy:
        def exec_module(self, module):
            module.loaded = True

    def unexpected():
        raise AssertionError('defined operators on a healthy torchvision')

    monkeypatch.setattr(compat, '_define_torchvision_ops', unexpected)
    module = types.ModuleType('torchvision')
    spec = types.SimpleNamespace(loader=None)
    compat._TorchvisionLoader(spec, Healthy()).exec_module(module)
    assert module.loaded


@pytest.mark.parametrize('usable', [True, False])
def test_unusable_transformers_switches_multimodal_off(monkeypatch, usable):
    dependency = compat.importlib.import_module('mmaction.utils.dependency')
    monkeypatch.delitem(sys.modules, 'mmaction.models', raising=False)
    monkeypatch.setattr(dependency, 'WITH_MULTIMODAL', True)
    monkeypatch.setattr(compat, '_can_import_vindlu', lambda: usable)
    compat.drop_broken_multimodal()
    assert dependency.WITH_MULTIMODAL is usable


def test_vindlu_probe_says_no_when_a_name_was_removed(monkeypatch):
    def import_module(name):
        if name.endswith('modeling_utils'):
            raise RuntimeError('Failed to import')
        return types.SimpleNamespace(**{'__getattr__': None})

    monkeypatch.setattr(compat.importlib.metadata, 'version', lambda _: '4.50')
    monkeypatch.setattr(compat.importlib, 'import_module', import_module)
    assert compat._can_import_vindlu() is False


def test_own_checkpoint_loads_without_a_warning(mmengine_checkpoint):
    compat.accept_host_checkpoints()
    with warnings.catch_warnings():
        warnings.simplefilter('error', UserWarning)
        loaded = CheckpointLoader.load_checkpoint(mmengine_checkpoint, 'cpu')
    history = loaded['message_hub']['log_scalars']['train/loss']
    assert history.mean() == pytest.approx((1.5 + 2.5) / 4)
    assert loaded['message_hub']['runtime_info']['best'] == 0.5


def test_a_checkpoint_does_not_replace_statistics_of_mmengine(
    tmp_path, monkeypatch
):
    path, methods = tmp_path / 'own.pth', HistoryBuffer._statistics_methods
    buffer = HistoryBuffer([1.0, 3.0], [1, 1])
    with monkeypatch.context() as other:
        other.setitem(methods, 'mean', HistoryBuffer.min)
        torch.save(dict(state_dict={}, log=buffer), path)
    log = CheckpointLoader.load_checkpoint(str(path), 'cpu')['log']
    assert log.statistics('mean') == buffer.statistics('mean') == 2.0


@pytest.mark.parametrize('new_format', [True, False])
def test_foreign_objects_are_skipped_or_built_only_if_asked_for(
    tmp_path, monkeypatch, new_format
):
    path = str(tmp_path / 'foreign.pth')
    torch.save(
        dict(meta={}, state_dict={}, extra=Foreign()),
        path,
        _use_new_zipfile_serialization=new_format,
    )
    with pytest.raises(ValueError, match=r'foreign.pth.*Foreign'):
        CheckpointLoader.load_checkpoint(path, 'cpu')
    monkeypatch.setenv('MMOVAR_UNSAFE_PICKLE', '1')
    loaded = CheckpointLoader.load_checkpoint(path, 'cpu')
    assert isinstance(loaded['extra'], Foreign)
    monkeypatch.setenv('MMOVAR_SKIP_FOREIGN', '1')
    loaded = CheckpointLoader.load_checkpoint(path, 'cpu')
    assert not isinstance(loaded['extra'], Foreign)


def test_missing_checkpoint_is_still_the_hosts_error(tmp_path):
    compat.accept_host_checkpoints()
    with pytest.raises(FileNotFoundError, match='nothing.pth'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'nothing.pth'))
