"""A text head of a tiny CLIP."""

import pytest
import torch

from helpers.tiny_clip import (
    NAMES,
    TEMPLATES,
    tiny_arch,
    write_weights,
    write_words,
)
from mmovar.models import TextHead


@pytest.fixture
def build(tmp_path):
    """Build a head with random weights from a file."""
    words = write_words(tmp_path / 'words.txt')
    weights = tmp_path / 'clip.pt'
    write_weights(weights, tiny_arch())
    defaults = dict(
        arch=tiny_arch(),
        weights=weights,
        classnames=NAMES,
        templates=TEMPLATES,
        tokenizer=words,
    )

    def build(**kwargs):
        return TextHead(**{**defaults, **kwargs})

    return build


@pytest.fixture
def frames():
    """Features of two videos, three frames each."""
    torch.manual_seed(0)
    return 5 * torch.randn(2, 3, 24)


@pytest.fixture
def count_encodes():
    """Count how often the text tower of a head encodes."""

    def count(head):
        calls = []
        head.text_encoder.ln_final.register_forward_pre_hook(
            lambda *_: calls.append(1)
        )
        return calls

    return count
