"""Files of weights are read, and nothing in them runs."""

import argparse
import zipfile
from functools import partial

import pytest
import torch
from safetensors.torch import save_file

from helpers.bomb import Bomb
from mmovar.clip.weight_files import (
    UntrustedFileError,
    read_weight_file,
)

peek_weight_file = partial(read_weight_file, trust=True, device='meta')
WEIGHTS = {'a.weight': torch.arange(12.0).view(3, 4), 'b': torch.ones(())}


class Settings(dict):
    """A config object of a package that readers may not have."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.frozen = True


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('read', [read_weight_file, peek_weight_file])
def test_code_in_a_file_never_runs(tmp_path, zipped, read):
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    torch.save(
        dict(model=WEIGHTS, config=Bomb(trace)),
        path,
        _use_new_zipfile_serialization=zipped,
    )
    if read is read_weight_file:
        with pytest.raises(UntrustedFileError, match='system.*--trust'):
            read(path)
        content = read(path, trust=True)
    else:
        content = read(path)
    assert not trace.exists()
    assert content['model'].keys() == WEIGHTS.keys()
    # the file is a bomb indeed
    torch.load(path, weights_only=False)
    assert trace.exists()


@pytest.mark.parametrize('zipped', [True, False])
def test_trusted_files_keep_weights_and_containers(tmp_path, zipped):
    path = tmp_path / 'release.pth'
    content = dict(
        model=WEIGHTS,
        config=Settings(train=Settings(lr=8e-6)),
        args=argparse.Namespace(epochs=3),
        epoch=3,
        steps={1, 2},
    )
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    read = read_weight_file(path, trust=True)
    assert torch.equal(read['model']['a.weight'], WEIGHTS['a.weight'])
    assert read['config']['train']['lr'] == 8e-6
    assert read['epoch'] == 3 and read['steps'] == {1, 2}


def test_peeking_reads_shapes_only(tmp_path):
    torch.save(dict(model=WEIGHTS), tmp_path / 'weights.pth')
    peeked = peek_weight_file(tmp_path / 'weights.pth')['model']['a.weight']
    assert peeked.shape == (3, 4) and peeked.device.type == 'meta'


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
    with pytest.raises(FileNotFoundError, match='no weight file .*nothing'):
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
