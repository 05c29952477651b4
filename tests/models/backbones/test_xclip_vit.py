import pytest
import torch

from helpers.tiny_clip import largest_difference, tiny_arch, write_weights
from mmovar.models import CLIPViT, XCLIPViT

ARCH = tiny_arch()


@pytest.fixture
def weights(tmp_path):
    write_weights(tmp_path / 'clip.pt', ARCH)
    return tmp_path / 'clip.pt'


@pytest.fixture
def model(weights):
    torch.manual_seed(0)
    return XCLIPViT(ARCH, weights=weights).eval()


@pytest.fixture
def clips():
    torch.manual_seed(1)
    return torch.randn(2, 3, 4, 32, 32)


def block_by_hand(block, x):
    """One layer on (B, T, N, D): all tokens attend, the message is cut."""
    message = block.message_fc(x[:, :, 0])
    y = block.message_ln(message)
    message = message + block.message_attn(y, y, y)[0]
    x = torch.cat([x, message[:, :, None]], dim=2)
    x = (x + block.attn(block.ln_1(x)))[:, :, :-1]
    return x + block.mlp(block.ln_2(x))


def test_frames_and_patches_are_those_of_the_formula(model, clips):
    x = model.embed(clips.transpose(1, 2))
    for block in model.transformer.resblocks:
        x = block_by_hand(block, x)
    frames, patches = model(clips)
    assert frames.shape == (2, 4, 24) and patches.shape == (2, 4, 4, 32)
    expected = model.ln_post(x[:, :, 0]) @ model.proj
    assert largest_difference(frames, expected) < 1e-5
    assert largest_difference(patches, x[:, :, 1:]) < 1e-5


def test_clip_weights_load_and_messages_stay_as_drawn(model, weights):
    clip = CLIPViT(ARCH, weights=weights).state_dict()
    own = model.state_dict()
    assert all(torch.equal(own[key], clip[key]) for key in clip)
    new = own.keys() - clip.keys()
    assert new and all('.message_' in key for key in new)


def test_every_frame_hears_of_every_other(model, clips):
    features = model(clips)[0]
    clips = clips.clone()
    clips[:, :, 3] += 1
    changed = (model(clips)[0] - features).abs().amax(dim=(0, 2))
    assert changed.min() > 1e-4


def test_order_of_frames_is_not_seen(model, clips):
    features = model(clips.flip(2))[0]
    assert largest_difference(features, model(clips)[0].flip(1)) < 1e-5


def test_without_messages_frames_are_nearly_clips(model, weights, clips):
    """A message of zeros is still a key, but says nothing of other frames."""
    for block in model.transformer.resblocks:
        torch.nn.init.zeros_(block.message_fc.weight)
        torch.nn.init.zeros_(block.message_attn.out_proj.weight)
    together = model(clips)[0]
    alone = [model(clips[:, :, t : t + 1])[0] for t in range(4)]
    assert largest_difference(together, torch.cat(alone, dim=1)) < 1e-5


def test_pooled_is_the_mean_over_frames(model, clips):
    expected = model(clips)[0].mean(dim=1)
    model.pooled = True
    assert torch.equal(model(clips), expected)


def test_checkpointing_gives_the_same_gradients(weights, clips):
    grads = []
    for with_cp in False, True:
        torch.manual_seed(0)
        model = XCLIPViT(ARCH, weights=weights, with_cp=with_cp).train()
        frames, patches = model(clips)
        (frames.sin().sum() + patches.sin().sum()).backward()
        grads.append({k: p.grad for k, p in model.named_parameters()})
    assert largest_difference(*grads) < 1e-5


def test_messages_of_vit_b_16_are_as_many_as_published():
    """35.5 million, 2.95 a layer."""
    with torch.device('meta'):
        model = XCLIPViT('ViT-B-16-quickgelu')
        clip = CLIPViT('ViT-B-16-quickgelu')
    added = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if name not in dict(clip.named_parameters())
    }
    assert len(added) == 8 * 12
    assert sum(added.values()) == 2_954_496 * 12
