import pytest
import torch

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    open_clip_model,
    tiny_arch,
)
from mmovar.clip import VisionTransformer


@pytest.fixture(params=[True, False], ids=['quick_gelu', 'gelu'])
def pair(request):
    """Our tower and open_clip's, with the same weights."""
    arch = tiny_arch(quick_gelu=request.param)
    theirs = open_clip_model(arch).visual
    ours = VisionTransformer(arch)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def test_parameter_names_are_those_of_open_clip(pair):
    ours, theirs = pair
    shapes = [
        {k: tuple(v.shape) for k, v in m.state_dict().items()} for m in pair
    ]
    assert shapes[0] == shapes[1]


def test_frames_are_encoded_as_open_clip_encodes_images(pair):
    ours, theirs = pair
    video = torch.randn(2, 4, 3, 32, 32)
    expected = theirs(video.flatten(0, 1)).unflatten(0, (2, 4))
    features = ours.encode_frames(video)
    assert features.shape == (2, 4, 24)
    assert largest_difference(features, expected) < 1e-5


@pytest.mark.parametrize('with_cp', [False, True])
def test_gradients_equal_those_of_open_clip(pair, with_cp):
    ours, theirs = pair
    ours.transformer.with_cp = with_cp
    video = torch.randn(2, 4, 3, 32, 32)
    ours.train().encode_frames(video).sin().mean().backward()
    theirs(video.flatten(0, 1)).sin().mean().backward()
    assert gradient_difference(gradients(ours), gradients(theirs)) < 2e-6


def test_time_may_be_a_strided_view(pair):
    ours = pair[0]
    clips = torch.randn(2, 3, 4, 32, 32)
    views = [clips.transpose(1, 2), clips.transpose(1, 2).contiguous()]
    strided, contiguous = map(ours.encode_frames, views)
    assert largest_difference(strided, contiguous) < 1e-6


def test_frames_of_another_size_are_refused(pair):
    with pytest.raises(ValueError, match=r'\(48, 32\), .* takes \(32, 32\)'):
        pair[0].encode_frames(torch.randn(1, 2, 3, 48, 32))
