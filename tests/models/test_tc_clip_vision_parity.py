"""TC-CLIP's vision tower against the numbers of the released code.

Files in float64 are run in float64 throughout: at T = 8 and 16 the matching
is chaotic in float32.
"""

import pytest
import torch
import torch.nn.functional as F

from helpers.parity import draw_video, draw_weight, load_fixture
from helpers.tc_clip_weights import backbone_weights, tc_clip_arch
from helpers.tiny_clip import largest_difference
from mmovar.models.backbones import TCCLIPViT

RAW, UNIT, CONTEXT = 5e-5, 1e-5, 1e-4
TIGHT = 1e-8  # of float64 files, which have nine digits
FILES = [
    'tc_clip_small_T4',
    'tc_clip_small_T8_f64',
    'tc_clip_small_T16_f64',
    pytest.param('tc_clip_full_T4', marks=pytest.mark.slow),
    pytest.param('tc_clip_full_T8_f64', marks=pytest.mark.slow),
    pytest.param('tc_clip_full_T16_f64', marks=pytest.mark.slow),
]


@pytest.fixture
def build():
    """Build the tower of a fixture, in its precision."""

    def build(fixture, **options):
        model = TCCLIPViT(tc_clip_arch(fixture), tokens='context', **options)
        weights = backbone_weights(fixture['size'], fixture['seed'])
        model.load_state_dict(weights)
        return model.to(getattr(torch, fixture['precision'])).eval()

    return build


def test_rule_of_the_names_that_only_tc_clip_has():
    name = 'image_encoder.transformer.resblocks.1.attn.local_global_bias_table'
    drawn = draw_weight(1000, name, (12, 1, 2)).flatten()[:3]
    expected = torch.tensor([0.0712269247, 0.759828985, 0.352753311])
    assert largest_difference(drawn, expected) < 1e-8


@pytest.mark.parametrize('file', FILES)
@torch.no_grad()
def test_it_equals_the_released_code(file, build):
    fixture = load_fixture(file)
    model, video = build(fixture), draw_video(fixture)
    double = fixture['precision'] == 'float64'

    def assert_close(ours, key, tolerance):
        theirs = torch.tensor(fixture[key], dtype=ours.dtype)
        tolerance = 100 * TIGHT if double else tolerance
        assert largest_difference(ours, theirs) < tolerance, key

    frames, context = model(video)
    assert_close(frames, 'frame_features', RAW)
    unit = F.normalize(frames.mean(dim=1), dim=-1)
    assert_close(unit, 'video_feature_unit', UNIT)
    assert_close(context[..., :8], 'context_first8', CONTEXT)
    assert_close(context.mean(dim=1)[:, :64], 'context_mean', CONTEXT)
    norm = torch.tensor(fixture['context_norm'], dtype=context.dtype)
    assert torch.allclose(context.norm(dim=-1), norm, rtol=CONTEXT, atol=0)

    traces = model.trace(video)
    seeds = [traces[i].seeds.tolist() for i in fixture['seed_layers_0based']]
    assert seeds == fixture['seed_indices']


@torch.no_grad()
def test_prediction_does_not_need_the_context_of_the_last_layer(build):
    fixture = load_fixture('tc_clip_small_T4')
    model, video = build(fixture), draw_video(fixture)
    frames, _ = model(video)
    model.tokens, model.token_layers = None, ()
    assert largest_difference(model(video), frames) < 1e-5
