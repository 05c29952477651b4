"""Fixtures of tests of tools."""

import pytest

from helpers.pretend import Pretend


@pytest.fixture
def bench(load_tool, monkeypatch, repo):
    monkeypatch.syspath_prepend(str(repo / 'tools'))
    tool = load_tool('benchmark')
    tool.pretend = Pretend()
    monkeypatch.setattr(tool.commands, 'call', tool.pretend)
    prepare = 'mmovar.mini.prepare.prepare_mini'
    monkeypatch.setattr(prepare, tool.pretend.prepare)
    return tool
