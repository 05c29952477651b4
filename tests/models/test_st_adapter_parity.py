"""Outputs of ST-Adapter's released code, stored as numbers."""

import pytest
import torch

from helpers.parity import (
    arch_of,
    checkpoint_shapes,
    draw_video,
    draw_weight,
    load_fixture,
)
from helpers.tiny_clip import largest_difference
from mmovar.models import STAdapterViT

BEFORE = {'12': ['mlp'], '24': ['attn', 'mlp']}
TEXT = dict(context_length=77, text_width=64, text_heads=1, text_layers=1)


@pytest.mark.parametrize(
    ('size', 'frames'),
    [('small', 4), pytest.param('full', 8, marks=pytest.mark.slow)],
)
@pytest.mark.parametrize('adapters', BEFORE)
def test_features_and_closed_set_logits(adapters, size, frames):
    fixture = load_fixture(f'st_adapter{adapters}_{size}_T{frames}')
    shapes = checkpoint_shapes(f'st_adapter{adapters}', size)
    weights = {
        name.removeprefix('visual.'): draw_weight(fixture['seed'], name, shape)
        for name, shape in shapes.items()
    }
    fc_weight, fc_bias = weights.pop('fc.weight'), weights.pop('fc.bias')
    model = STAdapterViT(
        arch_of({**fixture['dims'], **TEXT, 'embed_dim': 512}),
        before=BEFORE[adapters],
        adapter_width=fixture['dims']['adapter_width'],
        closed_set=True,
    )
    keys = model.load_state_dict(weights, strict=False)
    assert keys.missing_keys == ['proj']
    assert not keys.unexpected_keys
    with torch.no_grad():
        features = model.eval()(draw_video(fixture, 'float32'))
    expected = torch.tensor(fixture['ln_post_feature'])
    assert largest_difference(features, expected) < 5e-5
    logits = features @ fc_weight.T + fc_bias
    assert largest_difference(logits, torch.tensor(fixture['logits'])) < 1e-4
