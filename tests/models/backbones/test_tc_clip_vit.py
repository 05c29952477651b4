import pytest
import torch
from torch.nn.parallel import DistributedDataParallel

from helpers.processes import process_group
from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    open_clip_model,
    tiny_arch,
    write_weights,
)
from mmovar.models import CLIPViT, TCCLIPViT
from mmovar.models.context.contextualizer import AGGREGATIONS
from mmovar.models.context.seed_selection import SCORES
from tools.profiling.naive_tc_clip import naive_tc_clip

ARCH = tiny_arch(image_size=64)  # 16 patches
OPTIONS = dict(seed_ratio=0.5, num_context=6)
NO_MERGE = dict(aggregation='none', num_context=None)
NO_SELECTION = dict(selection='none', seed_ratio=1)


def build(kind=TCCLIPViT, arch=ARCH, **options):
    if kind is TCCLIPViT:
        options = OPTIONS | options
    torch.manual_seed(0)
    model = kind(arch, **options)
    weights = open_clip_model(arch).visual.state_dict()
    model.load_state_dict(weights, strict=False)
    for name, parameter in model.named_parameters():
        if 'bias_table' in name:
            torch.nn.init.normal_(parameter)
    return model.eval()


@pytest.fixture
def clips():
    torch.manual_seed(1)
    return torch.randn(2, 3, 4, 64, 64)


def run(model, forward):
    model.zero_grad()
    outputs = forward(model)
    sum(out.sin().sum() for out in outputs).backward()
    return outputs, gradients(model)


# --- against the tower written out ---


@pytest.mark.parametrize('frames', [1, 2, 4, 7])
def test_equals_the_tower_written_out(frames):
    torch.manual_seed(1)
    clips = torch.randn(2, 3, frames, 64, 64).double()
    model = build(tokens='context').double()
    outputs, grads = run(model, lambda m: m(clips))
    expected, expected_grads = run(model, lambda m: naive_tc_clip(m, clips))
    for out, reference in zip(outputs, expected, strict=True):
        assert largest_difference(out, reference) < 1e-10
    assert gradient_difference(grads, expected_grads) < 1e-10


def test_frames_alone_equal_the_tower_written_out(clips):
    model, clips = build().double(), clips.double()
    outputs, grads = run(model, lambda m: [m(clips)])
    expected, expected_grads = run(
        model, lambda m: naive_tc_clip(m, clips)[:1]
    )
    assert largest_difference(outputs[0], expected[0]) < 1e-10
    assert gradient_difference(grads, expected_grads) < 1e-10


# --- tokens ---


@pytest.mark.parametrize(
    'tokens, count', [('context', 6), ('cls', 4), ('gap', 4)]
)
def test_tokens_of_some_layers_come_beside_the_frames(clips, tokens, count):
    model = build(tokens=tokens, token_layers=(1, -1))
    frames, first, last = model(clips)
    assert largest_difference(frames, build()(clips)) < 1e-5
    assert first.shape == last.shape == (2, count, 24)
    (_, alone) = build(tokens=tokens)(clips)
    assert largest_difference(last, alone) < 1e-5
    assert largest_difference(first, last) > 1e-2


def test_class_tokens_of_the_last_layer_are_the_frames(clips):
    frames, tokens = build(tokens='cls')(clips)
    assert torch.equal(frames, tokens)


@torch.no_grad()
def test_tokens_are_read_behind_their_layer(clips):
    outputs = {}
    model = build(tokens='gap', token_layers=(2,))
    model.transformer.resblocks[1].register_forward_hook(
        lambda module, args, out: outputs.update(frames=out[0])
    )
    _, gap = model(clips)
    pooled = outputs['frames'][:, :, 1:].mean(dim=2)
    assert largest_difference(gap, model.ln_post(pooled) @ model.proj) < 1e-6


# --- invariants ---


def test_permuted_frames_give_permuted_features(clips):
    """For aggregations that do not depend on the order of seeds."""
    options = NO_MERGE | dict(tokens='cls')
    order = [2, 0, 3, 1]
    frames, _ = build(**options)(clips)
    permuted, _ = build(**options)(clips[:, :, order])
    assert largest_difference(permuted, frames[:, order]) < 1e-5


def test_equal_frames_have_equal_features(clips):
    still = clips[:, :, :1].expand(-1, -1, 4, -1, -1)
    frames = build()(still)
    assert largest_difference(frames, frames[:, :1].expand_as(frames)) < 1e-5


def test_videos_do_not_see_each_other(clips):
    model = build(tokens='context')
    for i in range(2):
        alone = model(clips[i : i + 1])
        for part, whole in zip(alone, model(clips), strict=True):
            assert largest_difference(part, whole[i : i + 1]) < 1e-5


def test_each_frame_sees_all_frames(clips):
    other = clips.clone()
    other[:, :, 3] += torch.randn(2, 3, 64, 64)
    changed = (build()(clips) - build()(other)).abs().amax(dim=(0, 2))
    assert changed.min() > 1e-4
    plain = build(CLIPViT)
    changed = (plain(clips) - plain(other)).abs().amax(dim=(0, 2))
    assert changed[:3].max() < 1e-5


def test_context_that_is_hidden_leaves_clip(clips):
    model = build()
    for block in model.transformer.resblocks[1:]:
        torch.nn.init.constant_(block.attn.local_global_bias_table, 0)
        block.attn.local_global_bias_table.data[..., 1] = -1e4
    assert largest_difference(model(clips), build(CLIPViT)(clips)) < 1e-4


# --- trace ---


def test_trace_tells_where_context_tokens_come_from(clips):
    model = build()
    traces = model.trace(clips)
    assert len(traces) == 3 and not traces[0].context.requires_grad
    for layer, trace in enumerate(traces):
        keys = 17 + (6 if layer else 0)
        assert trace.attention.shape == (2, 4, 2, keys)
        assert torch.allclose(trace.attention.sum(-1), torch.ones(2, 4, 2))
        scores = trace.attention[..., 1:17].mean(dim=2)
        assert torch.equal(trace.seeds, scores.topk(8).indices)
        chosen = torch.zeros(2, 4, 16).scatter(2, trace.seeds, 1).bool()
        assert torch.equal(trace.source >= 0, chosen)
        for source in trace.source.flatten(1):
            assert source.unique().tolist() == list(range(-1, 6))
    assert largest_difference(model(clips), build()(clips)) == 0


def test_trace_is_of_the_context_that_is_returned(clips):
    model = build(tokens='context', token_layers=(2, 3))
    _, *tokens = model(clips)
    for token, trace in zip(tokens, model.trace(clips)[1:], strict=True):
        context = model.ln_post(trace.context) @ model.proj
        assert largest_difference(token, context) < 1e-5


# --- options ---


@pytest.mark.parametrize(
    'options',
    [
        *(dict(selection=name) for name in SCORES),
        *(dict(aggregation=name) for name in AGGREGATIONS),
        NO_MERGE,
        NO_SELECTION,
        NO_MERGE | NO_SELECTION,
        dict(local_global_bias=False),
        dict(joint_frames=4),
    ],
    ids=str,
)
def test_ablations_train(options, clips):
    model = build(tokens='context', **options).train()
    frames, context = model(clips)
    assert frames.shape == (2, 4, 24)
    (frames.sin().sum() + context.sin().sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def outputs_of(options, clips):
    return build(tokens='context', **options)(clips)[1].mean(dim=1)


@pytest.mark.parametrize(
    'option, values',
    [
        ('selection', SCORES),
        ('aggregation', AGGREGATIONS),
        ('num_context', (4, 6)),
        ('seed_ratio', (0.4, 0.6)),
        ('local_global_bias', (True, False)),
    ],
)
def test_options_make_a_difference(option, values, clips):
    outputs = [outputs_of({option: value}, clips) for value in values]
    for i, left in enumerate(outputs):
        for right in outputs[:i]:
            assert largest_difference(left, right) > 1e-4


def test_joint_positions_start_as_those_of_clip(clips, tmp_path):
    model = build(joint_frames=4)
    assert model.positional_embedding.shape == (4, 17, 32)
    assert largest_difference(model(clips), build()(clips)) < 1e-6
    model.load_state_dict(model.state_dict())
    write_weights(tmp_path / 'clip.pt', ARCH)
    loaded = build(weights=tmp_path / 'clip.pt', joint_frames=4)
    assert largest_difference(loaded(clips), model(clips)) < 1e-6


def test_joint_positions_are_those_of_a_frame(clips):
    model = build(joint_frames=4, **NO_MERGE)
    before = model(clips)
    with torch.no_grad():
        model.positional_embedding[2] += torch.randn(17, 32)
    changed = (model(clips) - before).abs().amax(dim=(0, 2))
    assert changed.argmax() == 2


def test_pooled_is_the_mean_over_frames(clips):
    expected = build()(clips).mean(dim=1)
    assert torch.equal(build(pooled=True)(clips), expected)


# --- parameters ---


def test_it_has_clips_parameters_and_two_numbers_per_head():
    plain, model = build(CLIPViT).state_dict(), build().state_dict()
    extra = {
        f'transformer.resblocks.{i}.attn.local_global_bias_table'
        for i in (1, 2)
    }
    assert model.keys() == plain.keys() | extra
    assert all(model[key].shape == (2, 1, 2) for key in extra)
    without = build(local_global_bias=False).state_dict()
    assert without.keys() == plain.keys()


def test_bias_of_a_b16_is_264_numbers():
    with torch.device('meta'):
        model = TCCLIPViT('ViT-B-16-quickgelu')
    tables = [p for n, p in model.named_parameters() if 'bias_table' in n]
    assert sum(p.numel() for p in tables) == 264
    assert sum(p.numel() for p in model.parameters()) == 86_192_904


@pytest.mark.parametrize('tokens', [None, 'context', 'cls', 'gap'])
def test_every_parameter_is_used(tokens, clips):
    """Frames alone have a gradient, as under a frozen head."""
    model = build(tokens=tokens)
    frames = model(clips) if tokens is None else model(clips)[0]
    frames.sin().sum().backward()
    unused = [n for n, p in model.named_parameters() if p.grad is None]
    assert not unused


@pytest.mark.dist
def test_it_trains_under_ddp(clips, tmp_path):
    alone = build().train()
    alone(clips).sin().sum().backward()
    model = build().train()
    with process_group(tmp_path):
        parallel = DistributedDataParallel(model)
        for _ in range(2):  # the second fails if a parameter was unused
            model.zero_grad()
            parallel(clips).sin().sum().backward()
        del parallel
    assert gradient_difference(gradients(model), gradients(alone)) < 1e-5


@pytest.mark.parametrize('tokens', [None, 'context'])
def test_checkpointing_gives_the_same_gradients(tokens, clips):
    grads = []
    for with_cp in False, True:
        model = build(tokens=tokens, with_cp=with_cp).train()
        outputs = model(clips) if tokens else [model(clips)]
        sum(out.sin().sum() for out in outputs).backward()
        grads.append(gradients(model))
    assert gradient_difference(*grads) < 1e-5


def test_mixed_precision_trains(clips):
    model = build(tokens='context').train()
    with torch.autocast('cpu', torch.bfloat16):
        frames, context = model(clips)
        (frames.float().sin().sum() + context.float().sin().sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name
    with torch.no_grad():
        cosine = torch.cosine_similarity(
            frames.float(), build()(clips), dim=-1
        )
    assert cosine.min() > 0.99


# --- errors ---


def test_frames_that_do_not_fit_a_joint_table(clips):
    with pytest.raises(ValueError, match='4 frames .* table of 8 frames'):
        build(joint_frames=8)(clips)
    with pytest.raises(ValueError, match='1 frames .* table of 8 frames'):
        build(joint_frames=8)(clips[:, :, :1])


def test_more_context_tokens_than_seeds(clips):
    with pytest.raises(ValueError, match='96 context tokens from 32 seeds'):
        build(num_context=96)(clips)
    with pytest.raises(ValueError, match='96 context tokens from 32 seeds'):
        build(num_context=96, joint_frames=4)
