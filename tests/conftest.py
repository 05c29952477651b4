"""Fixtures that several test folders share."""

import gc
import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.utils import manager

from helpers.light_runner import lighten
from helpers.skips import (  # noqa: F401
    pytest_make_collect_report,
    pytest_runtest_makereport,
)

REPO = Path(__file__).resolve().parent.parent


lighten()
FROZEN = [0]  # modules that were imported at the last freeze


def pytest_runtest_setup(item):
    """Take what was imported out of the garbage collector's sight.

    MMEngine's datasets call it each, and what it would look at is torch,
    SymPy, timm and the like. That is a third of the time of a test that
    builds a runner.
    """
    if len(sys.modules) > FROZEN[0] + 100:
        gc.collect()
        gc.freeze()
        FROZEN[0] = len(sys.modules)
    if item.get_closest_marker('gpu') and not torch.cuda.is_available():
        pytest.skip('no CUDA device')


def pytest_runtest_teardown():
    """Undo what would reach a later test.

    MMEngine keeps a lock when there is no current instance, for which tools
    that start threads would wait; tools that measure turn logging off.
    """
    logging.disable(logging.NOTSET)
    while manager._lock._is_owned():
        manager._lock.release()


@pytest.fixture(scope='session')
def repo():
    """Root of the checkout."""
    return REPO


@pytest.fixture
def run_tool(tmp_path):
    """Run a command of ``tools/`` in an empty folder; return its output."""

    def run(command, code=0, timeout=300, **variables):
        paths = [str(REPO), str(REPO / 'tests')]
        environment = {
            **os.environ,
            'PYTHONPATH': os.pathsep.join(paths),
            'PYTHON': sys.executable,
            'OMP_NUM_THREADS': '1',
            **variables,
        }
        done = subprocess.run(
            [str(part) for part in command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    return run


@pytest.fixture
def load_tool(tmp_path, monkeypatch):
    """Import a script of ``tools/`` by name, to call its ``main(argv)``."""
    monkeypatch.chdir(tmp_path)

    def load(name):
        path = REPO / 'tools' / f'{name}.py'
        monkeypatch.syspath_prepend(path.parent)  # of its neighbours
        spec = importlib.util.spec_from_file_location(f'tools_{name}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def toy_config(tmp_path):
    """Path of a config that trains and tests in a second, without video."""
    from helpers import toy_run

    path = tmp_path / 'toys' / 'toy_config.py'
    path.parent.mkdir()
    path.write_text(toy_run.CONFIG)
    return path


@pytest.fixture(scope='session')
def tiny_arch():
    """Sizes of a CLIP that runs in milliseconds, of random weights."""
    return dict(
        embed_dim=16,
        quick_gelu=True,
        vision_cfg=dict(
            image_size=32, patch_size=16, width=32, head_width=16, layers=2
        ),
        text_cfg=dict(
            context_length=8, vocab_size=7, width=32, heads=2, layers=1
        ),
    )


@pytest.fixture
def use_reader(monkeypatch):
    """Let decoder processes open videos with a function of a helper."""
    from mmovar.datasets.io import guarded_video

    def use(name):
        guarded_video._forget()
        monkeypatch.setattr(guarded_video, 'READER', name)

    yield use
    guarded_video._forget()


@pytest.fixture
def make_video(tmp_path):
    """Write an mp4 file whose frame t is a flat grey of ``step * t``."""

    def make(name='clip.mp4', frames=12, step=20, size=(64, 48)):
        import cv2
        import numpy as np

        path = tmp_path / 'videos' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = cv2.VideoWriter(
            str(path), cv2.VideoWriter_fourcc(*'mp4v'), 25, size
        )
        for t in range(frames):
            shape = (size[1], size[0], 3)
            writer.write(np.full(shape, min(step * t, 255), np.uint8))
        writer.release()
        return path

    return make


@pytest.fixture
def tiny_config(tmp_path, tiny_arch):
    """Path of a config of a tiny CLIPRecognizer that knows four words."""
    words = tmp_path / 'words.txt'
    words.write_text('archery\nswimming\ntai\nchi\n')
    path = tmp_path / 'tiny_config.py'
    path.write_text(f"""
default_scope = 'mmaction'
custom_imports = dict(imports=['mmovar'], allow_failed_imports=False)
model = dict(
    type='CLIPRecognizer',
    arch={tiny_arch!r},
    weights=None,
    backbone=dict(type='CLIPViT'),
    cls_head=dict(
        type='TextHead', templates='bare', tokenizer={str(words)!r}
    ),
)
test_pipeline = [
    dict(type='VideoInit'),
    dict(
        type='SampleFrames',
        clip_len=2,
        frame_interval=2,
        num_clips=3,
        test_mode=True,
    ),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(-1, 32)),
    dict(type='CenterCrop', crop_size=32),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
""")
    return path


@pytest.fixture(params=['by_length', 'padded'])
def strategy(request, monkeypatch):
    """Each way in which texts go through the tower, as on CPU and GPU."""
    from mmovar.clip import TextTransformer

    monkeypatch.setattr(TextTransformer, 'strategy', request.param)
    return request.param
