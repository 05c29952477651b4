"""X-CLIP against the numbers of its release, tolerances of ``tests/data``."""

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from helpers.parity import (
    arch_of,
    checkpoint_shapes,
    draw_video,
    draw_weight,
    load_fixture,
)
from helpers.tiny_clip import largest_difference
from mmovar.released import convert

LOGITS, RAW, UNIT = 1e-4, 5e-5, 1e-5


def weights_of(content, size):
    shapes = checkpoint_shapes('xclip', size)
    width = content['dims']['embed_dim']
    shapes['mit.positional_embedding'] = (1, content['T'], width)
    weights = {
        name: draw_weight(content['seed'], name, shape)
        for name, shape in shapes.items()
    }
    return convert(weights).weights


def build(content):
    return MODELS.build(
        dict(
            type='CLIPRecognizer',
            arch=arch_of(content['dims']),
            weights=None,
            backbone=dict(type='XCLIPViT'),
            neck=dict(
                type='TemporalTransformer',
                num_frames=content['T'],
                layers=content['dims']['mit_layers'],
            ),
            cls_head=dict(
                type='VideoSpecificTextHead',
                classnames=content['class_names'],
                templates='bare',
                fusion='mean_embedding',
                layers=content['dims']['prompts_layers'],
            ),
        )
    ).eval()


@pytest.mark.parametrize(
    'size, frames',
    [('small', 4), pytest.param('full', 8, marks=pytest.mark.slow)],
)
@torch.no_grad()
def test_xclip(size, frames):
    content = load_fixture(f'xclip_{size}_T{frames}')
    model = build(content)
    model.load_state_dict(weights_of(content, size))
    inputs = draw_video(content, 'float32').unsqueeze(1)
    x, _ = model.extract_feat(inputs)
    video = x[0].mean(dim=1)
    expected = torch.tensor(content['video_feature_raw'])
    assert largest_difference(video, expected) < RAW
    text = model.cls_head.text_features
    expected = torch.tensor(content['text_feature_raw'])
    assert largest_difference(text, expected) < RAW
    expected = torch.tensor(content['text_feature_prompted_unit'])
    assert largest_difference(model.cls_head.text_for(x), expected) < UNIT
    samples = [ActionDataSample() for _ in inputs]
    scores = [s.pred_score for s in model(inputs, samples, mode='predict')]
    expected = torch.tensor(content['logits'])
    assert largest_difference(torch.stack(scores), expected) < LOGITS
