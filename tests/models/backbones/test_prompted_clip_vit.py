import copy

import pytest
import torch
from mmaction.registry import MODELS
from torch.utils.flop_counter import FlopCounterMode

from helpers.tiny_clip import largest_difference, tiny_arch, write_weights
from mmovar.models import CLIPViT, PromptedCLIPViT

ARCH = tiny_arch()
LAYERS = 3


@pytest.fixture
def weights(tmp_path):
    write_weights(tmp_path / 'clip.pt', ARCH)
    return tmp_path / 'clip.pt'


@pytest.fixture
def build(weights):
    def build(n_ctx=2, depth=LAYERS, **kwargs):
        torch.manual_seed(0)
        model = PromptedCLIPViT(
            ARCH, weights, n_ctx=n_ctx, depth=depth, **kwargs
        )
        with torch.no_grad():  # as large as other tokens
            for parameter in prompts_of(model).values():
                parameter.normal_(std=0.5)
        return model

    return build


def prompts_of(model):
    return {n: p for n, p in model.named_parameters() if 'VPT' in n}


def matrix_products(counter):
    """Count what the linear layers cost."""
    flops = counter.get_flop_counts()['Global']
    return sum(count for op, count in flops.items() if 'mm' in str(op))


def clips(frames=3):
    torch.manual_seed(1)
    return torch.randn(2, 3, frames, 32, 32)


def plain_reference(model, video, depth):
    """Each layer on all tokens; the last ones are replaced before it."""
    tower = model
    x = tower.conv1(video.transpose(1, 2).flatten(0, 1))
    x = x.flatten(2).transpose(1, 2)
    cls_token = tower.class_embedding.expand(len(x), 1, -1)
    x = torch.cat([cls_token, x], dim=1) + tower.positional_embedding
    x = torch.cat([x, tower.VPT.expand(len(x), -1, -1)], dim=1)
    x = tower.ln_pre(x)
    for i, block in enumerate(tower.transformer.resblocks):
        if 1 <= i < depth:
            fresh = block.VPT_shallow.expand(len(x), -1, -1)
            x = torch.cat([x[:, : -len(block.VPT_shallow)], fresh], dim=1)
        x = x + block.attn(block.ln_1(x))
        x = x + block.mlp(block.ln_2(x))
    return (tower.ln_post(x[:, 0]) @ tower.proj).unflatten(0, (2, -1))


@pytest.mark.parametrize('depth', range(1, LAYERS + 1))
@pytest.mark.parametrize('with_cp', [False, True])
def test_features_and_gradients_are_those_of_the_plain_reference(
    build, depth, with_cp
):
    model = build(depth=depth, with_cp=with_cp).train()
    results = []
    for run in model, lambda x: plain_reference(model, x, depth):
        model.zero_grad()
        features = run(clips())
        features.sin().sum().backward()
        grads = {n: p.grad for n, p in model.named_parameters()}
        results.append(dict(grads, features=features.detach()))
    assert largest_difference(*results) < 2e-5


@pytest.mark.parametrize('depth', [1, 3])
def test_names_are_those_of_the_released_checkpoints(build, depth):
    added = (
        build(depth=depth).state_dict().keys()
        - CLIPViT(ARCH).state_dict().keys()
    )
    deeper = [f'transformer.resblocks.{i}.VPT_shallow' for i in (1, 2)]
    assert added == {'VPT', *deeper[: depth - 1]}


def test_prompts_are_drawn_small_and_clip_is_loaded(weights):
    model = PromptedCLIPViT(ARCH, weights, n_ctx=200, depth=2)
    plain = CLIPViT(ARCH, weights).state_dict()
    own = {name: model.state_dict()[name] for name in plain}
    assert largest_difference(own, plain) == 0
    for prompts in prompts_of(model).values():
        assert prompts.std().item() == pytest.approx(0.02, rel=0.05)
        assert abs(prompts.mean().item()) < 1e-3


def test_frames_and_videos_do_not_see_each_other(build):
    model = build()
    video = clips()
    whole = model(video)
    assert largest_difference(model(video[1:]), whole[1:]) < 1e-5
    frame = model(video[:, :, 1:2])
    assert largest_difference(frame, whole[:, 1:2]) < 1e-5


def test_copies_have_prompts_of_their_own(build):
    model = build()
    twin = copy.deepcopy(model)
    before = model(clips())
    for parameter in prompts_of(twin).values():
        parameter.data.neg_()
    assert torch.equal(model(clips()), before)
    assert largest_difference(twin(clips()), before) > 1e-3


def test_frozen_tower_costs_no_weight_gradient(build):
    """A backward pass of a tuned tower costs twice its forward pass."""
    model = build(n_ctx=1)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_('VPT' in name)
    with FlopCounterMode(display=False) as forward:
        features = model(clips())
    with FlopCounterMode(display=False) as backward:
        features.sum().backward()
    counts = [matrix_products(c) for c in (forward, backward)]
    assert 0.5 < counts[1] / counts[0] < 1.01
    assert all(
        (p.grad is not None) == ('VPT' in n)
        for n, p in model.named_parameters()
    )


@pytest.mark.parametrize('depth', [0, LAYERS + 1])
def test_prompts_deeper_than_the_tower_are_refused(depth):
    with pytest.raises(ValueError, match=rf'depth {depth} .*1\.\.3'):
        MODELS.build(
            dict(type='PromptedCLIPViT', arch=ARCH, n_ctx=2, depth=depth)
        )


def test_no_prompts_are_refused():
    with pytest.raises(ValueError, match='n_ctx must be 1 or more, got 0'):
        PromptedCLIPViT(ARCH, n_ctx=0, depth=1)
