"""Outputs of Vita-CLIP's released code, stored as numbers."""

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
from mmovar.models import VitaCLIPViT
from mmovar.released import convert

TEXT = dict(context_length=77, text_width=64, text_heads=1, text_layers=1)


def our_weights(seed, shapes):
    """Weights of the release under the tower's names."""
    weights = {n: draw_weight(seed, n, s) for n, s in shapes.items()}
    return {
        name.removeprefix('backbone.'): value
        for name, value in convert(weights).weights.items()
    }


@pytest.mark.parametrize('cls_proj', ['frozen', 'trained'])
@pytest.mark.parametrize(
    ('size', 'frames'),
    [('small', 4), pytest.param('full', 8, marks=pytest.mark.slow)],
)
def test_video_feature(size, frames, cls_proj):
    fixture = load_fixture(f'vita_clip_{size}_T{frames}')
    model = VitaCLIPViT(
        arch_of({**fixture['dims'], **TEXT}),
        num_frames=frames,
        num_global=fixture['dims']['global_prompts'],
        cls_proj=cls_proj,
        pooled=True,
    )
    shapes = checkpoint_shapes('vita_clip', size)
    model.load_state_dict(our_weights(fixture['seed'], shapes))
    with torch.no_grad():
        feature = model.eval()(draw_video(fixture, 'float32'))
    expected = torch.tensor(fixture['video_feature_raw'])
    assert largest_difference(feature, expected) < 5e-5
