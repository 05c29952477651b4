"""What the loops add to a dataloader."""

from types import SimpleNamespace

import pytest
import torch
from mmaction.registry import MODELS

import mmovar  # noqa: F401
from mmovar.engine.loops.loader_config import loader_config

LOADER = dict(batch_size=2, dataset=dict(shots='{shots}'))


def runner(kind):
    preprocessor = MODELS.build(dict(type=kind))
    model = SimpleNamespace(data_preprocessor=preprocessor)
    return SimpleNamespace(cfg=dict(shots=4), model=model)


@pytest.mark.parametrize('cuda', [False, True])
def test_clips_are_stacked_and_pinned_for_a_gpu(monkeypatch, cuda):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: cuda)
    assert loader_config(LOADER, runner('ClipDataPreprocessor')) == dict(
        batch_size=2,
        dataset=dict(shots=4),
        collate_fn=dict(type='stack_clips'),
        pin_memory=cuda,
    )


def test_what_the_config_says_comes_first():
    own = dict(LOADER, collate_fn=dict(type='pseudo_collate'), pin_memory=0)
    filled = loader_config(own, runner('ClipDataPreprocessor'))
    assert filled == dict(own, dataset=dict(shots=4))


def test_stock_preprocessors_get_lists():
    filled = loader_config(LOADER, runner('ActionDataPreprocessor'))
    assert filled == dict(LOADER, dataset=dict(shots=4))
