"""Crafted and odd files: nothing runs, and one error names the file."""

import contextlib
import io
import os
import pickle
import struct
import tarfile
import zipfile

import pytest
import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader
from safetensors.torch import save_file

from helpers.bomb import Bomb
from helpers.released_weights import vclip_weights
from helpers.tiny_clip import recognizer_config
from helpers.toy_run import ToyDataset  # noqa: F401  (registered)
from mmovar.apis import build_runner, init_recognizer, load_released
from mmovar.clip.weight_files import read_weight_file

WEIGHTS = {'a.weight': torch.arange(12.0).view(3, 4), 'b': torch.ones(())}
REBUILD = b'ctorch._utils\n_rebuild_tensor_v2\n'


class Writer(torch.nn.Module):
    """Writes a file when TorchScript builds it."""

    def __init__(self, trace):
        super().__init__()
        self.trace = str(trace)
        self.weight = torch.nn.Parameter(torch.ones(2))

    def forward(self):
        return self.weight

    @torch.jit.export
    def __getstate__(self):
        return self.weight, self.trace, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, str, bool]):
        self.weight, self.trace, self.training = state
        torch.save(self.weight, state[1])


@pytest.fixture
def scripted(tmp_path):
    """Write TorchScript whose code lies in /CODE/; and what it would write."""
    path, trace = tmp_path / 'evil.pt', tmp_path / 'trace'
    torch.jit.script(Writer(trace)).save(str(tmp_path / 'plain.pt'))
    with (
        zipfile.ZipFile(tmp_path / 'plain.pt') as old,
        zipfile.ZipFile(path, 'w') as new,
    ):
        for name in old.namelist():
            new.writestr(name.replace('/code/', '/CODE/'), old.read(name))
    trace.unlink(missing_ok=True)
    torch.jit.load(path)
    assert trace.exists()  # it does write
    trace.unlink()
    return path, trace


def test_torchscript_of_other_case_does_not_run(scripted, tmp_path):
    path, trace = scripted
    loader = dict(
        dataset=dict(type='ToyDataset', size=1, classes=('a',)),
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    config = Config(
        dict(
            default_scope='mmaction',
            model=recognizer_config(tmp_path),
            work_dir=str(tmp_path),
            test_dataloader=loader,
            test_cfg=dict(),
            test_evaluator=dict(type='AccMetric'),
            test_pipeline=[],
            load_from=str(path),
            log_level='ERROR',
        )
    )
    with contextlib.suppress(Exception):  # that it does not fit
        build_runner(config).test()
    with contextlib.suppress(Exception):
        init_recognizer(config, path)
    with pytest.raises(ValueError):
        load_released(path)
    assert not trace.exists()
    assert read_weight_file(path) == {}  # all is one state
    assert not trace.exists()


@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('nested', [True, False])
def test_the_environment_makes_no_release_run(
    tmp_path, monkeypatch, zipped, nested
):
    monkeypatch.setenv('MMOVAR_TRUST', '1')  # its name of old
    monkeypatch.setenv('MMOVAR_UNSAFE_PICKLE', '1')
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    bomb = [{'a': Bomb(trace)}] if nested else Bomb(trace)
    content = dict(model_state=vclip_weights(), cfg=bomb)
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ValueError, match='evil.pth holds .*posix.system'):
        load_released(path)
    monkeypatch.setenv('MMOVAR_SKIP_FOREIGN', '1')
    load_released(path)
    assert not trace.exists()


def zip_of(pickled, **records):
    """Lay out a file as torch does."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        archive.writestr('a/data.pkl', pickled)
        for key, content in records.items():
            archive.writestr(f'a/data/{key.removeprefix("_")}', content)
    return file.getvalue()


def storage(key, count=4):
    """Opcodes of a storage of floats."""
    return (
        b"(S'storage'\nctorch\nFloatStorage\n"
        + f"S'{key}'\nS'cpu'\nI{count}\ntQ".encode()
    )


def tensor(offset=0, size=4, key='0', stride=1):
    """Opcodes of a tensor."""
    return (
        REBUILD
        + b'('
        + storage(key)
        + f'I{offset}\n(I{size}\nt(I{stride}\ntI00\n}}tR'.encode()
    )


def overlapping(copies, megabytes):
    """Name one record many times."""
    content = zip_of(
        b'(' + b''.join(tensor(key=i) for i in range(copies)) + b't.',
        _0=bytes(megabytes << 20),
    )
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, 'a') as archive:
        first = archive.getinfo('a/data/0')
        for i in range(1, copies):
            entry = zipfile.ZipInfo(f'a/data/{i}')
            entry.header_offset = first.header_offset
            entry.CRC = first.CRC
            entry.file_size = entry.compress_size = first.file_size
            archive.filelist.append(entry)
        archive._didModify = True
    return file.getvalue()


def compressed():
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('a/data.pkl', tensor() + b'.')
        archive.writestr('a/data/0', bytes(1 << 28))
    return file.getvalue()


def old_tar():
    """A tar file of the first PyTorch, whose storages are a pipe."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode='w') as archive:
        pipe = tarfile.TarInfo('storages')
        pipe.type = tarfile.FIFOTYPE
        archive.addfile(pipe)
    return file.getvalue()


def legacy(pickled, *storages):
    """A file of torch's old format."""
    parts = [torch.serialization.MAGIC_NUMBER, 1001, {}]
    head = b''.join(pickle.dumps(part, 2) for part in parts)
    return head + pickled + b''.join(storages)


BUILTIN = b'cbuiltins\n%s\n'
HUGE = b"(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI%d\nNtQ."
FILES = {
    'empty': b'',
    'text': b'no weights at all',
    'html': b'<!DOCTYPE html><html></html>',
    'a plain pickle': pickle.dumps([1, 2]),
    'a tar file with a pipe': old_tar(),
    'no content': zip_of(b''),
    'no such record': zip_of(tensor(key='7') + b'.'),
    'beyond its bytes': zip_of(tensor(offset=1) + b'.', _0=bytes(16)),
    'a huge tensor': zip_of(tensor(size=1 << 40) + b'.', _0=bytes(16)),
    'a huge legacy tensor': legacy(HUGE % (1 << 40)),
    'a record named often': overlapping(60, 1),
    'a compressed record': compressed(),
    'a class is changed': zip_of(b"ccollections\nCounter\n(N(dS'x'\nI1\nstb."),
    'endless memory': zip_of(b'cbuiltins\nlist\n(cbuiltins\nslice\n(NtRtR.'),
    'a key of many levels': zip_of(b'})' + b'\x85' * 10**6 + b'K\x01s.'),
    'a list of many levels': zip_of(b']' * 10**5 + b'a' * (10**5 - 1) + b'.'),
    'many copies of a list': zip_of(
        b'(' + b'K\x01' * 9999 + b'lq\x01' + BUILTIN % b'list' + b'q\x02'
        b'(' + b'h\x02h\x01\x85R' * 9999 + b'l.'
    ),
    'a bytearray that lies': zip_of(
        b'\x96' + struct.pack('<Q', 1 << 50) + b'.'
    ),
    'slices of slices': zip_of(
        BUILTIN % b'slice' + b'q\x01N\x85Rq\x020h\x01h\x02\x85R.'
    ),
    'a type of types': zip_of(
        b'cnumpy\ndtype\nq\x00X\x02\x00\x00\x00f4\x85Rq\x01'
        b'h\x00h\x01K\x01\x86\x85R.'
    ),
    'one number in a huge tensor': zip_of(
        tensor(size=1 << 40, stride=0) + b'.', _0=bytes(4)
    ),
    'a header that lies': struct.pack('<Q', 1 << 50) + b'{"a": 1}' * 3,
}


@pytest.mark.parametrize('kind', FILES)
def test_odd_files_are_one_error_that_names_them(tmp_path, kind):
    path = tmp_path / 'odd.pth'
    path.write_bytes(FILES[kind])
    match = r'odd.pth \([\d,]+ bytes\) is truncated or no file of weights'
    for skip_foreign in (True, False):
        with pytest.raises(ValueError, match=match):
            read_weight_file(path, skip_foreign)
    with pytest.raises(ValueError, match=match):
        CheckpointLoader.load_checkpoint(str(path), 'cpu')


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / 'pipe.pth')
    with pytest.raises(ValueError, match='pipe.pth.* is no regular file'):
        read_weight_file(tmp_path / 'pipe.pth')


def test_classes_that_a_pickle_names_stay_as_they_are(tmp_path):
    from collections import Counter

    (tmp_path / 'a.pth').write_bytes(FILES['a class is changed'])
    with pytest.raises(ValueError, match='it sets attributes'):
        read_weight_file(tmp_path / 'a.pth', skip_foreign=True)
    assert not hasattr(Counter, 'x')


def test_modules_that_contain_themselves_end(tmp_path):
    """Each of 60 modules holds the next one twice."""
    tree = b'}'
    for _ in range(60):
        tree += b"0c__torch__\nM\n)\x81(dS'a'\ng0\nsS'b'\ng0\nsbp0\n"
    tree = b'c__torch__\nM\n)\x81p0\n' + tree[1:] + b'.'
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w') as archive:
        archive.writestr('a/constants.pkl', b'')
        archive.writestr('a/data.pkl', b'\x80\x02' + tree)
    (tmp_path / 'a.pt').write_bytes(content.getvalue())
    assert read_weight_file(tmp_path / 'a.pt') == {}


def test_the_content_tells_the_format(tmp_path):
    save_file(WEIGHTS, str(tmp_path / 'weights.pth'))
    torch.save(WEIGHTS, tmp_path / 'weights.safetensors')
    for name in ('weights.pth', 'weights.safetensors'):
        read = read_weight_file(tmp_path / name)
        assert torch.equal(read['a.weight'], WEIGHTS['a.weight'])


@pytest.mark.parametrize('kind', ['zip', 'legacy', 'script', 'safetensors'])
def test_a_file_is_opened_once(tmp_path, monkeypatch, kind):
    path, opened = tmp_path / 'weights', []
    if kind == 'script':
        torch.jit.script(torch.nn.Linear(2, 3)).save(str(path))
    elif kind == 'safetensors':
        save_file(WEIGHTS, str(path))
    else:
        zipped = kind == 'zip'
        torch.save(WEIGHTS, path, _use_new_zipfile_serialization=zipped)
    real = os.open
    monkeypatch.setattr(
        os, 'open', lambda *args: opened.append(args[0]) or real(*args)
    )
    monkeypatch.setattr('builtins.open', None)
    assert read_weight_file(path)
    assert opened == [path]
