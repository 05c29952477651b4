"""Fixtures that several test folders share."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


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
        spec = importlib.util.spec_from_file_location(f'tools_{name}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def toy_config(tmp_path):
    """Path of a config that trains and tests in a second, without video."""
    import toy_run

    path = tmp_path / 'toys' / 'toy_config.py'
    path.parent.mkdir()
    path.write_text(toy_run.CONFIG)
    return path
