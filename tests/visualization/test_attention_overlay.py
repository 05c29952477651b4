"""The attention of a recognizer over what it saw."""

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS

from helpers.tiny_clip import recognizer_config
from mmovar.visualization import attention_overlay
from mmovar.visualization.attention_overlay import overlay


@pytest.fixture
def model(tmp_path):
    return MODELS.build(recognizer_config(tmp_path)).eval()


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    return rng.integers(0, 255, (5, 32, 32, 3), np.uint8)


def test_overlay_has_the_shape_of_the_frames(model, frames):
    before = frames.copy()
    shown = attention_overlay(model, frames)
    assert shown.shape == frames.shape
    assert shown.dtype == np.uint8
    assert np.array_equal(frames, before)


def test_overlay_changes_with_the_attention(model, frames):
    first = attention_overlay(model, frames, 'cls')
    with torch.no_grad():
        model.backbone.transformer.resblocks[-1].attn.in_proj_weight.mul_(3)
    second = attention_overlay(model, frames, 'cls')
    assert np.abs(first.astype(int) - second).max() > 30


def test_bright_where_the_map_is_large():
    maps = np.zeros((2, 4, 4), np.float32)
    maps[0, 1, 2] = maps[1, 3, 0] = 1
    shown = overlay(np.full((2, 64, 64, 3), 99, np.uint8), maps).astype(int)
    brightness = shown.sum(-1).reshape(2, 4, 16, 4, 16).mean((2, 4))
    assert np.unravel_index(brightness[0].argmax(), (4, 4)) == (1, 2)
    assert np.unravel_index(brightness[1].argmax(), (4, 4)) == (3, 0)
    assert brightness.max() > 3 * brightness.min()


def test_flat_map_is_no_division_by_zero():
    shown = overlay(np.full((1, 8, 8, 3), 200, np.uint8), np.ones((1, 2, 2)))
    assert np.isfinite(shown).all()
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 1


def test_frames_of_another_size_are_refused(model):
    with pytest.raises(ValueError, match='32'):
        attention_overlay(model, np.zeros((5, 48, 48, 3), np.uint8))
