"""Attention maps, against attention written out from the parameters."""

import pytest
import torch
import torch.nn.functional as F

from helpers.tiny_clip import open_clip_model, tiny_arch
from mmovar.models import (
    CLIPViT,
    PromptedCLIPViT,
    TCCLIPViT,
    VCLIPViT,
    VitaCLIPViT,
    XCLIPViT,
)
from mmovar.visualization.attention_map import _mass, attention_map
from mmovar.visualization.attention_record import record_attention
from tools.profiling.naive_tc_clip import naive_attention

ARCH = tiny_arch(image_size=64)  # 4 x 4 patches
TOKENS = 17
TC = dict(seed_ratio=0.5, num_context=6)
TOWERS = {
    'clip': (CLIPViT, {}),
    'zero': (VCLIPViT, dict(border='zero')),
    'clamp': (VCLIPViT, dict(border='clamp')),
    'mask': (VCLIPViT, dict(border='mask')),
    'tc': (TCCLIPViT, TC),
    'prompts': (PromptedCLIPViT, dict(n_ctx=2, depth=2)),
    'xclip': (XCLIPViT, {}),
    'vita': (VitaCLIPViT, dict(num_frames=4)),
}


def build(name, **more):
    kind, options = TOWERS[name]
    torch.manual_seed(0)
    tower = kind(ARCH, **options, **more)
    weights = open_clip_model(ARCH).visual.state_dict()
    tower.load_state_dict(weights, strict=False)
    for key, parameter in tower.named_parameters():
        if 'bias_table' in key:
            torch.nn.init.normal_(parameter)
    return tower.eval()


@pytest.fixture
def clip():
    torch.manual_seed(1)
    return torch.randn(3, 4, 64, 64)


def plain_matrices(tower, clip):
    """Attention of all T N tokens to all T N tokens, layer by layer."""
    x = tower.embed(clip.transpose(0, 1)[None])[0].flatten(0, 1)
    times = clip.shape[1]
    frame = torch.arange(len(x)) // TOKENS
    matrices = []
    for block in tower.transformer.resblocks:
        attn = block.attn
        packed = F.linear(block.ln_1(x), attn.in_proj_weight)
        q, k, v = (
            t.unflatten(-1, (attn.heads, -1)).transpose(0, 1)
            for t in (packed + attn.in_proj_bias).chunk(3, -1)
        )
        counts = torch.zeros(len(x), len(x))  # how often a key is seen
        lost = torch.zeros(len(x), 1)  # how many zero keys there are
        for t in range(times):
            window = [t]
            if hasattr(attn, 'border'):
                window = [t - 1, t, t + 1]
            for other in window:
                if 0 <= other < times or attn.border == 'clamp':
                    other = min(max(other, 0), times - 1)
                    counts += (frame == t)[:, None] * (frame == other)
                elif attn.border == 'zero':
                    lost[frame == t] += TOKENS
        scores = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).exp() * counts
        attention = scores / (scores.sum(-1, keepdim=True) + lost)
        x = x + attn.out_proj((attention @ v).transpose(0, 1).flatten(1))
        x = block.feed_forward(x)
        matrices.append(attention.mean(0))
    return matrices


def patches_of(mass):
    return mass.reshape(-1, TOKENS)[:, 1:].reshape(-1, 4, 4)


@pytest.mark.parametrize('layer', [0, 1, -1])
@pytest.mark.parametrize('name', ['clip', 'zero', 'clamp', 'mask'])
@torch.no_grad()
def test_maps_equal_products_of_whole_matrices(name, layer, clip):
    tower = build(name)
    matrices = plain_matrices(tower, clip)
    found = attention_map(tower, clip, 'cls', layer)
    expected = patches_of(matrices[layer][::TOKENS].sum(0))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    rolled = torch.eye(len(matrices[0]))
    for matrix in matrices[: layer % 3 + 1]:
        rolled = (matrix + torch.eye(len(matrix))) / 2 @ rolled
    found = attention_map(tower, clip, 'rollout', layer)
    expected = patches_of(rolled[::TOKENS].sum(0))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize('method', ['cls', 'rollout'])
@torch.no_grad()
def test_context_tokens_pass_attention_on_to_their_patches(method, clip):
    tower = build('tc')
    traces = tower.trace(clip[None])
    frames, context = tower.embed(clip.transpose(0, 1)[None]), None
    count, merged, share = 4 * TOKENS, None, None
    rolled = torch.eye(count)
    for block, trace in zip(tower.transformer.resblocks, traces, strict=True):
        x = frames.flatten(1, 2)
        x = x if context is None else torch.cat([x, context], dim=1)
        _, maps = naive_attention(block.attn, block.ln_1(x), 4, TOKENS)
        maps = maps.mean(2)[0]  # (T, N, N + K)
        attention = torch.zeros(count, x.shape[1])
        for t in range(4):
            rows = slice(t * TOKENS, (t + 1) * TOKENS)
            attention[rows, rows] = maps[t, :, :TOKENS]
            attention[rows, count:] = maps[t, :, TOKENS:]
        below = rolled if merged is None else torch.cat([rolled, merged])
        last = attention[::TOKENS, :count].sum(0)
        if context is not None:
            last = last + attention[::TOKENS, count:].sum(0) @ share
        rolled = (attention @ below + below[:count]) / 2
        source = F.pad(trace.source[0], (1, 0), value=-1).flatten()
        share = F.one_hot(source + 1, 7).T[1:].float()
        share = share / share.sum(1, keepdim=True)
        merged = share @ rolled
        frames, context = block(frames, context, tower.contextualizer)
    expected = last if method == 'cls' else rolled[::TOKENS].sum(0)
    torch.testing.assert_close(
        attention_map(tower, clip, method),
        patches_of(expected),
        atol=1e-5,
        rtol=1e-4,
    )


@pytest.mark.parametrize('name', TOWERS)
def test_every_tower_has_maps_and_keeps_its_numbers(name, clip):
    tower = build(name)
    before = tower(clip[None])
    for method in ('cls', 'rollout'):
        maps = attention_map(tower, clip, method)
        assert maps.shape == (4, 4, 4)
        assert maps.min() >= 0
        assert 0 < maps.sum() <= 4 + 1e-4
    after = tower(clip[None])
    before, after = (
        x[0] if isinstance(x, tuple) else x for x in (before, after)
    )
    assert torch.equal(before, after)
    assert not any(b._forward_hooks for b in tower.transformer.resblocks)


@pytest.mark.parametrize(
    ('name', 'lost'),
    [('clip', 0), ('clamp', 0), ('mask', 0), ('tc', 0), ('zero', 1)],
)
def test_all_attention_arrives_but_at_zero_borders(name, lost, clip):
    tower = build(name)
    with record_attention(tower) as layers:
        traces = tower.trace(clip[None]) if name == 'tc' else tower(clip[None])
    sources = [t.source[0] for t in traces] if name == 'tc' else [None] * 3
    for method in ('cls', 'rollout'):
        arrived = _mass(layers, sources, method).sum()
        assert abs(arrived - 4) < 1e-4 if not lost else 2 < arrived < 3.9


def test_map_goes_where_the_attention_goes(clip):
    tower = build('clip')
    attn = tower.transformer.resblocks[-1].attn
    with torch.no_grad():
        attn.in_proj_weight.zero_()
        attn.in_proj_bias.zero_()
    maps = attention_map(tower, clip, 'cls')
    torch.testing.assert_close(maps, torch.full((4, 4, 4), 1 / TOKENS))


def test_half_precision_gives_nearly_the_same_map(clip):
    tower = build('zero')
    maps = attention_map(tower, clip)
    with torch.autocast('cpu', torch.bfloat16):
        half = attention_map(tower, clip)
    torch.testing.assert_close(half, maps, atol=0.02, rtol=0.1)


@pytest.mark.parametrize(
    'wrong', [dict(method='grad'), dict(layer=3), dict(layer=-4)]
)
def test_wrong_options_are_named(wrong, clip):
    with pytest.raises(ValueError, match='method|layer'):
        attention_map(build('clip'), clip, **wrong)
