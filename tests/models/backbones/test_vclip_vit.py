import pytest
import torch
from mmaction.registry import MODELS

from helpers.tiny_clip import largest_difference, open_clip_model, tiny_arch
from mmovar.models import CLIPViT, VCLIPViT

BORDERS = ('zero', 'clamp', 'mask')
ARCH = tiny_arch()


@pytest.fixture(scope='module')
def weights():
    return open_clip_model(ARCH).visual.state_dict()


@pytest.fixture
def build(weights):
    def build(kind, **kwargs):
        model = kind(ARCH, **kwargs)
        model.load_state_dict(weights)
        return model.eval()

    return build


@pytest.fixture
def clips():
    torch.manual_seed(1)
    return torch.randn(2, 3, 5, 32, 32)


@pytest.mark.parametrize('border', BORDERS)
def test_one_feature_per_frame(build, clips, border):
    features = build(VCLIPViT, border=border)(clips)
    assert features.shape == (2, 5, 24)


@pytest.mark.parametrize('border', BORDERS)
def test_mean_is_invariant_to_time_reversal(build, clips, border):
    model = build(VCLIPViT, border=border, pooled=True)
    assert largest_difference(model(clips), model(clips.flip(2))) < 2e-6


@pytest.mark.parametrize('border', BORDERS)
def test_time_reversal_reverses_the_frame_features(build, clips, border):
    model = build(VCLIPViT, border=border)
    features = model(clips.flip(2))
    assert largest_difference(features, model(clips).flip(1)) < 2e-6


@pytest.mark.parametrize('border', BORDERS)
def test_mean_is_sensitive_to_the_order_of_frames(build, clips, border):
    model = build(VCLIPViT, border=border, pooled=True)
    shuffled = clips[:, :, [0, 3, 1, 4, 2]]
    assert largest_difference(model(clips), model(shuffled)) > 1e-2


def test_clamped_borders_encode_a_still_as_clip_does(build, clips):
    still = clips[:, :, :1].expand(-1, -1, 5, -1, -1)
    features = build(VCLIPViT, border='clamp')(still)
    assert largest_difference(features, build(CLIPViT)(still)) < 1e-5


def test_masked_borders_encode_a_still_as_clip_does(build, clips):
    still = clips[:, :, :1].expand(-1, -1, 5, -1, -1)
    features = build(VCLIPViT, border='mask')(still)
    assert largest_difference(features, build(CLIPViT)(still)) < 1e-5


def test_zero_borders_reach_one_frame_further_in_each_layer(build, clips):
    """In a still, frames the border has not reached are CLIP's."""
    still = clips[:, :, :1].expand(-1, -1, 9, -1, -1)
    model, clip = build(VCLIPViT, border='zero'), build(CLIPViT)
    outputs = []
    for module in model, clip:
        module.transformer.resblocks[0].register_forward_hook(
            lambda *args: outputs.append(args[-1])
        )
    difference = (model(still) - clip(still)).abs().amax(dim=(0, 2))
    first_layer = (outputs[0] - outputs[1]).abs().amax(dim=(0, 2, 3))
    assert first_layer[1:-1].max() < 1e-5 and first_layer[[0, -1]].min() > 1e-3
    assert difference[3:-3].max() < 1e-5
    assert difference[[0, -1]].min() > 1e-3


@pytest.mark.parametrize('border', ['clamp', 'mask'])
def test_a_single_frame_is_an_image(build, clips, border):
    frame = clips[:, :, :1]
    features = build(VCLIPViT, border=border)(frame)
    assert largest_difference(features, build(CLIPViT)(frame)) < 1e-5


def test_it_has_exactly_the_parameters_of_clip(build):
    ours, clip = build(VCLIPViT), build(CLIPViT)
    assert ours.state_dict().keys() == clip.state_dict().keys()


def test_zero_is_the_default(build, clips):
    expected = build(VCLIPViT, border='zero')(clips)
    assert torch.equal(build(VCLIPViT)(clips), expected)


def test_unknown_border():
    config = dict(type='VCLIPViT', arch=ARCH, border='roll')
    with pytest.raises(ValueError, match="border 'roll' is none of"):
        MODELS.build(config)
