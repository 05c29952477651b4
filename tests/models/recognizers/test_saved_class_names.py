"""Class names stand beside the weights in a state dict."""

import copy

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import get_state_dict, weights_to_cpu

from helpers.tiny_clip import NAMES, recognizer_config
from mmovar.engine.weights.averaging import average_state_dicts
from mmovar.engine.weights.checkpoint_variants import raw_weights
from mmovar.engine.weights.patching import patch


@pytest.fixture
def build(tmp_path):
    config = recognizer_config(tmp_path)

    def build(names=None, **changes):
        model = MODELS.build(copy.deepcopy({**config, **changes}))
        if names:
            model.set_vocabulary(names)
        return model

    return build


def save(model, path):
    """Save as MMEngine does, read as safely as it can be."""
    torch.save(weights_to_cpu(get_state_dict(model)), path)
    return torch.load(path, weights_only=True)


@torch.no_grad()
def scores(model):
    inputs = torch.ones(1, 1, 3, 2, 32, 32)
    model.eval()
    return model(inputs, [ActionDataSample()], mode='predict')[0].pred_score


def test_every_loader_brings_them_and_no_key(build, tmp_path):
    named, path = build(NAMES), tmp_path / 'saved.pth'
    state_dict = save(named, path)
    assert list(state_dict) == list(build().state_dict())
    by_torch, by_mmengine = build(), build()
    by_torch.load_state_dict(state_dict)
    load_checkpoint(by_mmengine, str(path))
    for model in (by_torch, by_mmengine):
        assert model.classnames == NAMES
        assert torch.equal(scores(model), scores(named))


@pytest.mark.parametrize(
    ('source', 'target'),
    [('CLIPRecognizer', 'CLIPEnsemble'), ('CLIPEnsemble', 'CLIPRecognizer')],
)
def test_ensembles_share_them(build, source, target):
    model = build(type=target)
    model.load_state_dict(build(NAMES, type=source).state_dict())
    assert model.classnames == NAMES


def test_own_names_stay(build):
    model, state_dict = build(NAMES[:2]), build(NAMES).state_dict()
    model.load_state_dict(state_dict)
    assert model.classnames == NAMES[:2]
    model = build()
    model.load_state_dict(state_dict)
    model.set_vocabulary(NAMES[::-1])
    assert torch.equal(scores(model), scores(build(NAMES[::-1])))


def test_names_that_do_not_fit_are_no_matter_until_they_are_used(build):
    state_dict = build(NAMES).state_dict()
    state_dict._metadata['cls_head']['classnames'] = ('jump',)
    model = build()
    model.load_state_dict(state_dict)
    with pytest.raises(ValueError, match=r"unknown words \['jump'\]"):
        scores(model)
    model.set_vocabulary(NAMES)
    assert scores(model).shape == (3,)


@pytest.mark.parametrize(
    'change',
    [
        lambda s: patch({}, s, 0.5),
        lambda s: average_state_dicts([s, s], 'uniform'),
        lambda s: raw_weights(dict(state_dict=s)),
    ],
)
def test_whatever_makes_weights_of_weights_keeps_them(build, change):
    model = build()
    model.load_state_dict(change(build(NAMES).state_dict()))
    assert model.classnames == NAMES


def test_blending_of_a_resumed_training_knows_their_number(build):
    preprocessor = dict(
        type='mmaction.ActionDataPreprocessor',
        format_shape='NCTHW',
        blending=dict(type='MixupCutmix'),
    )
    model = build(data_preprocessor=preprocessor)
    model.load_state_dict(build(NAMES).state_dict())
    model.set_vocabulary(NAMES)  # as VocabularyHook does
    assert model.data_preprocessor.blending.num_classes == len(NAMES)
