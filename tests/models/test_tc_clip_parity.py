"""TC-CLIP's text, logits and gradients against the released code's numbers.

The vision side alone is in ``test_tc_clip_vision_parity.py``. Weights are
drawn by their official names, so the tests are also about names. Files in
float64 are run in float64 throughout.
"""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from helpers.parity import (
    checkpoint_shapes,
    draw_video,
    load_fixture,
)
from helpers.tc_clip_weights import (
    TOKEN_TABLE,
    clip_weights,
    recognizer_weights,
    tc_clip_arch,
)
from helpers.tiny_clip import largest_difference
from mmovar.released import FORMATS, convert, convert_clip

LOGITS, UNIT, TIGHT = 1e-4, 1e-5, 1e-6
SMALL = ['tc_clip_small_T4', 'tc_clip_small_T8_f64', 'tc_clip_small_T16_f64']
FULL = [
    pytest.param(file, marks=pytest.mark.slow)
    for file in (
        *('tc_clip_full_T4', 'tc_clip_full_T8_f64'),
        'tc_clip_full_T16_f64',
    )
]


def build(fixture):
    """A recognizer with the drawn weights, in the fixture's precision."""
    model = MODELS.build(
        dict(
            type='CLIPRecognizer',
            arch=tc_clip_arch(fixture),
            weights=None,
            backbone=dict(type='TCCLIPViT', tokens='context'),
            cls_head=dict(
                type='VideoConditionalTextHead',
                classnames=fixture['class_names'],
                text_trainable=True,
            ),
        )
    )
    weights = recognizer_weights(fixture['size'], fixture['seed'])
    model.load_state_dict(weights)
    return model.to(getattr(torch, fixture['precision'])).eval()


def tolerance_of(fixture, tolerance):
    return TIGHT if fixture['precision'] == 'float64' else tolerance


@pytest.mark.parametrize('file', SMALL + FULL)
def test_text_of_each_video_and_logits(file):
    fixture = load_fixture(file)
    model, inputs = build(fixture), draw_video(fixture).unsqueeze(1)
    head = model.cls_head

    def check(ours, key, tolerance):
        theirs = torch.tensor(fixture[key], dtype=ours.dtype)
        difference = largest_difference(ours, theirs)
        assert difference < tolerance_of(fixture, tolerance), key

    ends = [row.tolist() for row in head._tokens[0]]
    for ours, theirs in zip(ends, fixture['token_ids'], strict=True):
        assert ours[: len(theirs)] == theirs
    with torch.no_grad():
        x, _ = model.extract_feat(inputs)
        for training in False, True:
            head.train(training)
            check(head.text_for(x), 'text_feature_unit', UNIT)
            check(head(x), 'logits', LOGITS)
    assert head.train().text_for(x).requires_grad
    check(head(x), 'logits', LOGITS)


@pytest.mark.parametrize('file', SMALL)
def test_loss_and_gradients(file):
    fixture = load_fixture(file)
    model, inputs = build(fixture).train(), draw_video(fixture).unsqueeze(1)
    train = fixture['train']
    samples = [ActionDataSample().set_gt_label(i) for i in train['labels']]
    loss = model(inputs, samples, mode='loss')['loss_cls']
    tolerance = tolerance_of(fixture, 1e-4)
    assert loss.item() == pytest.approx(train['loss'], abs=tolerance)
    loss.backward()
    gradients = {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    assert TOKEN_TABLE not in gradients and None not in gradients.values()
    assert not train['no_grad_params']
    split = split_norms(gradients)
    expected = official_norms(train['grad_norm_by_param'])
    assert split.keys() == expected.keys()
    # below 1e-6 is rounding: the softmax does not see a bias of the keys
    loud = {name for name, norm in expected.items() if norm > 1e-6}
    assert {name: split[name] for name in loud} == pytest.approx(
        {name: expected[name] for name in loud}, rel=1e-3, abs=1e-5
    )


def official_norms(norms):
    """Norms by our names, the vision attention's still split."""
    return {FORMATS['tc_clip'].rename(name): n for name, n in norms.items()}


def split_norms(gradients):
    """Norms of gradients, of q, k and v apart where the release has them."""
    norms = {}
    for name, gradient in gradients.items():
        if name.startswith('backbone.') and '.in_proj_' in name:
            for part, third in zip('qkv', gradient.chunk(3), strict=True):
                key = name.replace('in_proj_', f'{part}_proj.')
                norms[key] = third.norm().item()
        else:
            norms[name] = gradient.norm().item()
    return norms


@pytest.mark.parametrize('file', SMALL)
@torch.no_grad()
def test_weights_between_clip_and_tuned(file):
    fixture = load_fixture(file)
    case = fixture['wise_ft']
    model = build(fixture)
    clip = convert_clip(clip_weights(fixture['size'], case['clip_seed']))
    del clip[TOKEN_TABLE]
    tuned, share = model.state_dict(), case['weight_ft']
    model.load_state_dict(
        {
            name: share * tuned[name] + (1 - share) * value.to(tuned[name])
            for name, value in clip.items()
        },
        strict=False,
    )
    inputs = draw_video(dict(fixture, video_seed=case['video_seed']))
    logits = model.cls_head(model.extract_feat(inputs.unsqueeze(1))[0])
    theirs = torch.tensor(case['logits'], dtype=logits.dtype)
    difference = largest_difference(logits, theirs)
    assert difference < tolerance_of(fixture, LOGITS)


def full_model(backbone, **head):
    """A recognizer of full size that occupies no memory."""
    with torch.device('meta'):
        return MODELS.build(
            dict(
                type='CLIPRecognizer',
                arch='ViT-B-16-quickgelu',
                weights=None,
                backbone=backbone,
                cls_head=dict(head, text_trainable=True),
            )
        )


def count_trained(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def test_what_is_trained_is_what_the_release_trains():
    vifi = full_model(
        dict(type='CLIPViT'), type='TextHead', tokens_trainable=False
    )
    assert count_trained(vifi) == 124_323_841
    tc = full_model(
        dict(type='TCCLIPViT', tokens='context'),
        type='VideoConditionalTextHead',
    )
    assert count_trained(tc) == 127_479_561
    assert count_trained(tc.cls_head.prompt_generation_layer) == 3_153_408
    names = {key for key, _ in tc.named_parameters()}
    official = checkpoint_shapes('tc_clip', 'full').items()
    weights = convert({k: torch.empty(v) for k, v in official}).weights
    assert names == {TOKEN_TABLE, *weights}
