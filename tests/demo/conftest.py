"""Tiny models that a demo may ask."""

import pytest

from helpers import tiny_demo


@pytest.fixture
def write_model(tmp_path, tiny_arch):
    """Write a tiny model; return ``CONFIG`` or ``CONFIG:CHECKPOINT``."""

    def write(name, **kwargs):
        return tiny_demo.write_model(tmp_path, tiny_arch, name, **kwargs)

    return write


@pytest.fixture
def sources(write_model):
    """Frozen CLIP, and one that was moved away from it."""
    return {'CLIP': write_model('clip'), 'Ours': write_model('o', tuned=True)}
