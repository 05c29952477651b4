"""Files of weights are read, and nothing in them runs."""

import argparse
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from helpers.bomb import Bomb
from mmovar.clip.weight_files import UntrustedFileError, read_weight_file

WEIGHTS = {'a.weight': torch.arange(12.0).view(3, 4), 'b': torch.ones(())}


class Settings(dict):
    """A config object of a package that readers may not have."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.frozen = True


@pytest.mark.parametrize('zipped', [True, False])
def test_code_in_a_file_never_runs(tmp_path, zipped):
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    torch.save(
        dict(model=WEIGHTS, config=Bomb(trace)),
        path,
        _use_new_zipfile_serialization=zipped,
    )
    match = r'evil.pth holds .*posix.system.*--skip-foreign.*--unsafe-pickle'
    with pytest.raises(UntrustedFileError, match=match):
        read_weight_file(path)
    content = read_weight_file(path, skip_foreign=True)
    assert not trace.exists()
    assert content['model'].keys() == WEIGHTS.keys()
    with pytest.raises(UntrustedFileError):  # a release never runs
        read_weight_file(path, unsafe_pickle=True)
    assert not trace.exists()
    content = dict(meta={}, state_dict=WEIGHTS, config=Bomb(trace))
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    read_weight_file(path, unsafe_pickle=True)
    assert trace.exists()  # it is a bomb indeed


def test_what_is_skipped_is_not_built_though_all_may_be(tmp_path):
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    content = dict(meta={}, state_dict=WEIGHTS, config=Bomb(trace))
    torch.save(content, path)
    read_weight_file(path, skip_foreign=True, unsafe_pickle=True)
    assert not trace.exists()


def test_the_environment_skips_foreign_objects(tmp_path, monkeypatch):
    path = tmp_path / 'evil.pth'
    torch.save(dict(model=WEIGHTS, config=Bomb(tmp_path / 'trace')), path)
    monkeypatch.setenv('MMOVAR_SKIP_FOREIGN', '1')
    assert read_weight_file(path)['model'].keys() == WEIGHTS.keys()
    assert not (tmp_path / 'trace').exists()


@pytest.mark.parametrize('zipped', [True, False])
def test_what_is_skipped_leaves_weights_and_containers(tmp_path, zipped):
    path = tmp_path / 'release.pth'
    content = dict(
        model=WEIGHTS,
        config=Settings(train=Settings(lr=8e-6)),
        args=argparse.Namespace(epochs=3),
        epoch=3,
        steps={1, 2},
    )
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    read = read_weight_file(path, skip_foreign=True)
    assert torch.equal(read['model']['a.weight'], WEIGHTS['a.weight'])
    assert read['config']['train']['lr'] == 8e-6
    assert read['epoch'] == 3 and read['steps'] == {1, 2}


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('lazy', [True, False])
def test_all_that_torch_saves_of_weights_is_read(tmp_path, zipped, lazy):
    path = tmp_path / 'weights.pth'
    base = torch.arange(24, dtype=torch.int64)
    content = dict(
        half=torch.randn(3, 2).half(),
        bfloat=torch.randn(5).bfloat16(),
        flags=torch.tensor([True, False]),
        part=base.view(4, 6)[1:, ::2],
        transposed=base.view(4, 6).T,
        empty=torch.empty(0, 3),
        parameter=torch.nn.Parameter(torch.ones(2)),
        unsigned=torch.arange(3).to(torch.uint16),
        array=np.arange(6.0).reshape(2, 3),
        number=np.float32(0.5),
        kind=(torch.float16, torch.device('cpu'), torch.Size([2])),
    )
    if not zipped:
        del content['unsigned']
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    read = read_weight_file(path, lazy=lazy)
    assert read.keys() == content.keys()
    for name, value in content.items():
        if isinstance(value, torch.Tensor):
            assert read[name].dtype == value.dtype, name
            assert read[name].stride() == value.stride(), name
            assert torch.equal(read[name], value), name
        else:
            assert np.all(read[name] == value), name
    assert read['part'].data_ptr() - read['transposed'].data_ptr() == 48


def test_metadata_of_a_state_dict_is_kept(tmp_path):
    state_dict = torch.nn.Linear(2, 3).state_dict()
    torch.save(dict(state_dict=state_dict), tmp_path / 'own.pth')
    read = read_weight_file(tmp_path / 'own.pth')['state_dict']
    assert read._metadata == state_dict._metadata


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('left', [5, 0.5, -10])
def test_truncated_files_are_named_with_their_size(tmp_path, zipped, left):
    path = tmp_path / 'weights.pth'
    torch.save(WEIGHTS, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    size = int(len(content) * left) if left == 0.5 else left
    path.write_bytes(content[:size])
    match = r'weights.pth \([\d,]+ bytes\) is truncated or no file of weights'
    with pytest.raises(ValueError, match=match):
        read_weight_file(path)


def test_truncated_safetensors_and_missing_files(tmp_path):
    path = tmp_path / 'model.safetensors'
    save_file(WEIGHTS, str(path))
    assert read_weight_file(path).keys() == WEIGHTS.keys()
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match='is truncated'):
        read_weight_file(path)
    with pytest.raises(FileNotFoundError, match='no file .*nothing'):
        read_weight_file(tmp_path / 'nothing.pth')


def module():
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.LayerNorm(4)
    ).half()
    model.register_buffer('input_resolution', torch.tensor(224))
    return model


def test_torchscript_archives_give_their_tensors(tmp_path):
    model, path = module(), tmp_path / 'model.pt'
    torch.jit.script(model).save(str(path))
    read, expected = read_weight_file(path), model.state_dict()
    assert read.keys() == expected.keys()
    for name, value in read.items():
        assert value.dtype == expected[name].dtype
        assert torch.equal(value, expected[name])


def test_code_of_a_torchscript_archive_is_not_read(tmp_path):
    """An archive whose code is rubbish cannot be compiled, but read."""
    path, broken = tmp_path / 'model.pt', tmp_path / 'broken.pt'
    torch.jit.script(module()).save(str(path))
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, 'w') as new:
        for name in old.namelist():
            rubbish = '/code/' in name and name.endswith('.py')
            new.writestr(name, b'!' if rubbish else old.read(name))
    with pytest.raises(RuntimeError):
        torch.jit.load(str(broken))
    read = read_weight_file(broken)
    assert read.keys() == module().state_dict().keys()
