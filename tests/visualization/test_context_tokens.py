"""Seeds and context tokens of a clip."""

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS

from helpers.tiny_clip import recognizer_config
from mmovar.mini.frames import Foreground, compose, draw_background, finish
from mmovar.mini.motions import MOTIONS
from mmovar.mini.objects import OBJECTS
from mmovar.mini.scenes import render_scenes
from mmovar.visualization.context_tokens import ContextTokens, context_tokens

PATCH = 4


@pytest.fixture
def colour_model(tmp_path):
    """Tokens are the mean colour of their patch; attention and MLP do nothing.

    What is left is selection and merging: patches of like colour belong
    together, wherever and whenever they are.
    """
    config = recognizer_config(tmp_path)
    config['weights'] = None
    config['arch']['vision_cfg'].update(patch_size=PATCH, layers=1)
    config['backbone'] = dict(
        type='TCCLIPViT', selection='none', seed_ratio=1, num_context=12
    )
    model = MODELS.build(config).eval()
    tower = model.backbone
    with torch.no_grad():
        for parameter in tower.transformer.parameters():
            parameter.zero_()
        tower.positional_embedding.zero_()
        tower.conv1.weight.zero_()
        for channel in range(3):
            tower.conv1.weight[channel, channel] = 1 / PATCH**2
        tower.ln_pre = torch.nn.Identity()
    return model


def climbing_ball():
    """Eight rendered frames of a ball that climbs; its centre in pixels."""
    rng = np.random.default_rng(0)
    scenes = render_scenes(np.array([2]), *draw_background(rng, 1))
    level = np.linspace(-1.1, 0.1, 8, dtype=np.float32)
    fore = Foreground(
        obj=np.full(8, OBJECTS.index('ball')),
        motion=np.full(8, MOTIONS.index('climbing')),
        centre=np.full((8, 2), 14, np.float32),
        radius=np.full(8, 7, np.float32),
        tilt=np.zeros(8, np.float32),
        level=level,
    )
    images = compose(scenes.repeat(8, axis=0), fore)
    noise = rng.standard_normal(images.shape, np.float32)
    return finish(images, noise), 24 + 13 * level


def test_a_moving_sprite_is_followed_by_its_token(colour_model):
    frames, heights = climbing_ball()
    tokens = context_tokens(colour_model, frames)
    ball = tokens.token_at(0, 16 / 32, heights[0] / 32)
    assert tokens.duration(ball) == 8
    ys, xs = np.mgrid[:8, :8] * PATCH + PATCH / 2
    found = []
    for followed, height in zip(tokens.source == ball, heights, strict=True):
        distance = np.hypot(xs - 14, ys - height)
        assert distance[followed].max() < 7 + PATCH / 2
        found.append(ys[followed].mean())
    offset = np.array(found) - heights  # the token may be a part of the ball
    assert np.ptp(heights) > 15
    assert np.ptp(offset) < PATCH


def test_followed_and_seeds_darken_the_rest():
    source = np.array([[[0, -1], [1, 1]], [[-1, 0], [1, -1]]])
    frames = np.full((2, 8, 8, 3), 200, np.uint8)
    tokens = ContextTokens(frames, source)
    bright = tokens.seeds()[:, ::4, ::4, 0]
    assert np.array_equal(bright == 200, source >= 0)
    assert np.array_equal(bright == 40, source < 0)
    bright = tokens.followed(0)[:, ::4, ::4, 0]
    assert np.array_equal(bright == 200, source == 0)


def test_source_map_has_the_mean_colour_of_each_token():
    rng = np.random.default_rng(0)
    source = rng.integers(-1, 5, (3, 4, 4))
    frames = rng.integers(0, 255, (3, 16, 16, 3), np.uint8)
    painted = ContextTokens(frames, source).source_map()
    large = source.repeat(4, 1).repeat(4, 2)
    for token in range(5):
        expected = frames[large == token].mean(0)
        assert np.abs(painted[large == token] - expected).max() <= 0.5
    assert not painted[large == -1].any()


def test_most_lasting_token_is_in_most_frames_and_small():
    source = np.array([[[0, 1, 2, 2]], [[0, 1, 2, 2]], [[0, 1, 1, 3]]])
    tokens = ContextTokens(np.zeros((3, 4, 16, 3), np.uint8), source)
    assert [tokens.duration(k) for k in range(4)] == [3, 3, 2, 1]
    assert tokens.most_lasting() == 0


def test_wrong_places_tokens_and_layers_are_named(colour_model):
    frames, _ = climbing_ball()
    with pytest.raises(ValueError, match='layer 1'):
        context_tokens(colour_model, frames, 1)
    tokens = ContextTokens(frames, np.full((8, 8, 8), -1))
    with pytest.raises(ValueError, match='no seed'):
        tokens.token_at(0, 0.5, 0.5)
    with pytest.raises(ValueError, match='must be in'):
        tokens.token_at(0, 1.0, 0.5)
    with pytest.raises(ValueError, match='token 0'):
        tokens.followed(0)


def test_other_towers_have_no_context_tokens(tmp_path):
    model = MODELS.build(recognizer_config(tmp_path))
    with pytest.raises(ValueError, match='VCLIPViT has no context tokens'):
        context_tokens(model, np.zeros((2, 32, 32, 3), np.uint8))
