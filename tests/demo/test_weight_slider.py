"""Weights of a model between CLIP's and its own."""

import pytest
import torch
from mmaction.registry import MODELS

from helpers import tiny_clip
from helpers.tiny_clip import NAMES, largest_difference
from mmovar.demo.weight_slider import WeightSlider
from mmovar.engine.weights.patching import patch


@pytest.fixture
def model(tmp_path):
    """A tiny VCLIP, its vision tower moved away from CLIP."""
    model = MODELS.build(tiny_clip.recognizer_config(tmp_path)).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in model.backbone.parameters():
            weight += 0.05 * torch.randn(weight.shape)
    model.set_vocabulary(NAMES)
    return model


def copy_of(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


@pytest.mark.parametrize('alpha', [0, 0.3, 1])
def test_weights_are_the_patched_ones_from_wherever_it_stands(model, alpha):
    tuned, clip = copy_of(model), model.clip_state_dict()
    slider = WeightSlider(model)
    slider.move_to(0.8)
    slider.move_to(alpha)
    expected = patch(clip, tuned, alpha)
    assert largest_difference(model.state_dict(), expected) < 1e-7
    if alpha in (0, 1):
        assert largest_difference(model.state_dict(), expected) == 0


def test_scores_follow(model):
    clip = torch.randn(1, 1, 3, 4, 32, 32)
    scores = {}
    slider = WeightSlider(model)
    with torch.no_grad():
        for alpha in (1, 0.5, 0, 1.0):
            slider.move_to(alpha)
            scores.setdefault(alpha, []).append(
                model.cls_head(model.encode_views(clip))
            )
    assert torch.equal(*scores[1])
    for alpha in (0.5, 0):
        assert not torch.allclose(scores[alpha][0], scores[1][0])


def test_text_that_is_not_tuned_is_encoded_once(model):
    features = model.cls_head.text_features
    WeightSlider(model).move_to(0.5)
    assert model.cls_head.text_features is features


def test_tuned_text_follows(model):
    with torch.no_grad():
        model.cls_head.text_encoder.text_projection[:, 0] *= 2
    slider = WeightSlider(model)
    tuned = model.cls_head.text_features
    slider.move_to(0)
    clip = model.cls_head.text_features
    assert torch.equal(clip, model.encode_text(model.classnames))
    assert not torch.allclose(clip, tuned)


def test_clip_itself_has_nothing_to_move(tmp_path):
    model = MODELS.build(tiny_clip.recognizer_config(tmp_path))
    assert not WeightSlider(model).moves


def test_alpha_out_of_range_is_refused(model):
    slider = WeightSlider(model)
    before = copy_of(model)
    with pytest.raises(ValueError, match='alpha must be in 0..1, got 1.5'):
        slider.move_to(1.5)
    assert largest_difference(model.state_dict(), before) == 0
    assert slider.alpha == 1
