import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    recognizer_config,
    tiny_arch,
    write_weights,
)
from mmovar.models import CLIPViT, STAdapterViT
from mmovar.models.backbones.st_adapter import STAdapter, TemporalConv

ARCH = tiny_arch()
EACH = [['mlp'], ['attn', 'mlp'], ['attn']]


@pytest.fixture
def clips():
    torch.manual_seed(0)
    return torch.randn(2, 3, 4, 32, 32)


def build(before=('mlp',), seed=0, **kwargs):
    """Build a tower whose adapters do something."""
    torch.manual_seed(seed)
    model = STAdapterViT(ARCH, before=before, **kwargs)
    for name, parameter in model.named_parameters():
        if 'adapter' in name:
            nn.init.normal_(parameter, std=0.3)
    return model


def test_temporal_convolution_is_that_of_torch():
    torch.manual_seed(0)
    conv = TemporalConv(6)
    x = torch.randn(2, 5, 4, 6, requires_grad=True)
    plain = nn.Conv3d(6, 6, (3, 1, 1), padding=(1, 0, 0), groups=6)
    plain.load_state_dict(conv.state_dict())
    expected = plain(x.permute(0, 3, 1, 2)[..., None])
    expected = expected[..., 0].permute(0, 2, 3, 1)
    assert largest_difference(conv(x), expected) < 1e-6
    weight = torch.randn_like(expected)
    grads = []
    for module, out in (conv, conv(x)), (plain, expected):
        out.mul(weight).sum().backward()
        grads.append(gradients(module))
    assert gradient_difference(*grads) < 1e-6


def test_class_token_is_not_adapted_and_patches_are_over_time():
    torch.manual_seed(0)
    adapter = STAdapter(8, 4)
    nn.init.normal_(adapter.conv.weight)
    x = torch.randn(2, 5, 3, 8)
    changed = x.clone()
    changed[:, 2, 1] += 1
    assert torch.equal(adapter(x)[:, :, 0], x[:, :, 0])
    moved = (adapter(changed) - adapter(x)).abs().amax(dim=-1) > 1e-6
    assert moved[:, 1:4, 1].all()
    moved[:, 1:4, 1] = False
    assert not moved.any()


@pytest.mark.parametrize('before', EACH)
def test_at_initialisation_it_is_clip_frame_by_frame(before, clips, tmp_path):
    write_weights(tmp_path / 'clip.pt', ARCH)
    clip, model = (
        kind(ARCH, weights=tmp_path / 'clip.pt', **kwargs)
        for kind, kwargs in (
            (CLIPViT, {}),
            (STAdapterViT, dict(before=before)),
        )
    )
    assert torch.equal(model(clips), clip(clips))


@pytest.mark.parametrize('before', EACH)
def test_reading_one_row_of_the_last_layer_is_exact(before, clips):
    model = build(before)
    model(clips).sin().sum().backward()
    fast = gradients(model)
    features = model(clips)
    model.zero_grad()
    x = model.embed(clips.transpose(1, 2))
    for block in model.transformer.resblocks:
        x = block(x)
    expected = model.ln_post(x[:, :, 0]) @ model.proj
    expected.sin().sum().backward()
    assert largest_difference(features, expected) < 1e-5
    assert gradient_difference(fast, gradients(model)) < 1e-5


def test_every_adapter_has_a_gradient_also_where_nothing_is_read(clips):
    model = build()
    model(clips).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    last = model.transformer.resblocks[-1].adapter_pre_mlp
    assert all(not p.grad.any() for p in last.parameters())


def test_closed_set_is_the_norm_of_the_mean_class_token(clips):
    model = build(closed_set=True)
    tokens = model.class_tokens(clips.transpose(1, 2))
    expected = model.ln_post(tokens.mean(dim=1))
    assert torch.equal(model(clips), expected)
    assert expected.shape == (2, 32)


@pytest.mark.parametrize(
    ('before', 'count'), [(['mlp'], 12), (['attn', 'mlp'], 24)]
)
def test_parameters_of_vit_b_16_are_those_published(before, count):
    with torch.device('meta'):
        model = STAdapterViT('ViT-B-16-quickgelu', before=before)
        clip = CLIPViT('ViT-B-16-quickgelu')
    added = [
        parameter.numel()
        for name, parameter in model.named_parameters()
        if name not in dict(clip.named_parameters())
    ]
    assert len(added) == 6 * count
    assert sum(added) == 592_512 * count


@pytest.mark.parametrize('before', ['mlp', [], ['mlp', 'head']])
def test_other_places_are_refused(before):
    with pytest.raises(ValueError, match=r"list out of \('attn', 'mlp'\)"):
        STAdapterViT(ARCH, before=before)


def test_frozen_layers_before_the_first_adapter_have_no_backward(
    clips, tmp_path
):
    config = recognizer_config(tmp_path)
    config['backbone'] = dict(type='STAdapterViT')
    model = MODELS.build(dict(config, trainable=['adapter'])).backbone
    seen = []
    first = model.transformer.resblocks[0]
    for module in model.ln_pre, first.attn, first.adapter_pre_mlp:
        module.register_forward_hook(
            lambda _, __, out: seen.append(out.requires_grad)
        )
    model(clips).sum().backward()
    assert seen == [False, False, True]
    tuned = [n for n, p in model.named_parameters() if p.grad is not None]
    assert tuned
    assert all('adapter' in name for name in tuned)


@pytest.mark.parametrize('before', EACH)
def test_checkpointing_gives_the_same_gradients(before, clips):
    grads = []
    for with_cp in False, True:
        model = build(before, with_cp=with_cp).train()
        model(clips).sin().sum().backward()
        grads.append(gradients(model))
    assert gradient_difference(*grads) < 1e-6


def test_half_precision_is_near_full_precision(clips):
    model = build()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        half = model(clips)
    assert largest_difference(half.float(), model(clips)) < 0.1
