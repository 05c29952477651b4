import pytest
import torch

from helpers.tiny_clip import largest_difference, tiny_arch
from mmovar.models import TemporalTransformer

ARCH = tiny_arch()  # D = 24


@pytest.fixture
def neck():
    torch.manual_seed(0)
    return TemporalTransformer(ARCH, num_frames=4, layers=2, heads=3).eval()


@pytest.fixture
def frames():
    torch.manual_seed(1)
    return torch.randn(2, 4, 24)


def test_frames_are_added_to_what_blocks_make_of_them(neck, frames):
    y = frames + neck.positional_embedding
    for block in neck.resblocks:
        y = block(y)
    out, losses = neck(frames)
    assert largest_difference(out, frames + y) < 1e-6
    assert losses == {}


def test_the_rest_of_the_backbone_goes_by(neck, frames):
    patches = torch.randn(2, 4, 9, 32)
    (out, rest), _ = neck((frames, patches))
    assert rest is patches
    assert torch.equal(out, neck(frames)[0])


def test_order_of_frames_counts_through_the_positions_alone(neck, frames):
    def mean(x):
        return neck(x)[0].mean(dim=1)

    assert largest_difference(mean(frames), mean(frames.flip(1))) > 1e-3
    with torch.no_grad():
        neck.positional_embedding.zero_()
    assert largest_difference(mean(frames), mean(frames.flip(1))) < 1e-5


def test_other_numbers_of_frames_are_refused(neck):
    with pytest.raises(ValueError, match='8 frames.*built for 4'):
        neck(torch.randn(2, 8, 24))


def test_init_weights_draws_anew(neck):
    before = {k: v.clone() for k, v in neck.state_dict().items()}
    torch.manual_seed(0)
    other = TemporalTransformer(ARCH, num_frames=4, layers=2, heads=3)
    torch.manual_seed(5)
    neck.init_weights()
    torch.manual_seed(5)
    other.init_weights()
    assert largest_difference(neck.state_dict(), other.state_dict()) == 0
    moved = [k for k, v in neck.state_dict().items() if (v != before[k]).any()]
    assert 'positional_embedding' in moved
    assert 'resblocks.1.attn.in_proj_weight' in moved


@pytest.mark.parametrize(
    ('wrong', 'match'),
    [
        (dict(num_frames=0), 'num_frames and layers must be >= 1, got 0'),
        (dict(layers=0), 'must be >= 1, got 4 and 0'),
        (dict(heads=5), '5 heads do not divide 24 channels'),
    ],
)
def test_wrong_settings(wrong, match):
    with pytest.raises(ValueError, match=match):
        TemporalTransformer(ARCH, **dict(dict(num_frames=4), **wrong))


@pytest.mark.parametrize(
    ('layers', 'frames', 'count'),
    [(1, 16, 3_160_576), (6, 8, 18_918_400)],  # X-CLIP: 3.16M, ActionCLIP
)
def test_parameters_of_vit_b_16(layers, frames, count):
    with torch.device('meta'):
        neck = TemporalTransformer('ViT-B-16-quickgelu', frames, layers)
    assert neck.resblocks[0].attn.heads == 8
    assert sum(p.numel() for p in neck.parameters()) == count
