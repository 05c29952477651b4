"""Outputs of Vita-CLIP's released code, stored as numbers."""

import re

import pytest
import torch
from parity import (
    arch_of,
    checkpoint_shapes,
    draw_video,
    draw_weight,
    load_fixture,
    needs_parity,
)
from tiny_clip import largest_difference

from mmovar.models import VitaCLIPViT

pytestmark = needs_parity

TEXT = dict(context_length=77, text_width=64, text_heads=1, text_layers=1)
NAMES = [  # of the release -> ours
    (r'^visual\.', ''),
    (r'^cls_token$', 'class_embedding'),
    (r'^pos_embed$', 'positional_embedding'),
    (r'^patch_embed\.proj\.', 'conv1.'),
    (r'(local_prompts|cls_proj|summary_\w+)', r'prompts.\1'),
    (r'^blocks\.', 'transformer.resblocks.'),
    (r'\.norm(\d)\.', r'.ln_\1.'),
    (r'\.mlp\.fc1\.', '.mlp.c_fc.'),
    (r'\.mlp\.fc2\.', '.mlp.c_proj.'),
]


def our_name(name):
    for pattern, replacement in NAMES:
        name = re.sub(pattern, replacement, name)
    return name


def our_weights(seed, shapes):
    """Weights of the release under our names: packed, one set a layer."""
    weights, packed = {}, {}
    for name, shape in shapes.items():
        value = draw_weight(seed, name, shape)
        name = our_name(name)
        if name == 'global_prompts':
            for i, prompts in enumerate(value):
                block = f'transformer.resblocks.{i}'
                weights[f'{block}.prompts.global_prompts'] = prompts
        elif part := re.fullmatch(r'(.*)\.([qkv])_proj\.(\w+)', name):
            attention, which, kind = part.groups()
            packed.setdefault((attention, kind), {})[which] = value
        else:
            weights[name] = value
    for (attention, kind), qkv in packed.items():
        joined = torch.cat([qkv[which] for which in 'qkv'])
        weights[f'{attention}.in_proj_{kind}'] = joined
    return weights


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
