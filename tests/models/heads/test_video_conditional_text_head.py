import copy
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.hooks import EMAHook

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    tiny_arch,
    write_weights,
    write_words,
)
from mmovar.models import VideoConditionalTextHead
from tools.profiling.naive_video_prompting import (
    encode_for_videos,
    encode_prompts,
)

NAMES = ('open the box', 'push', 'close_the ball', 'box', 'pushBall', 'open')
ARCH = dict(tiny_arch(), embed_dim=32)


def perturb(head):
    """Move all weights, so that no two parts are equal or zero."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            noise = torch.randn(
                parameter.shape, generator=generator, dtype=parameter.dtype
            )
            if name != 'logit_scale':
                parameter += 0.1 * noise
    return head


@pytest.fixture
def build(tmp_path):
    """A head in float64 with weights that are nowhere equal."""
    words = write_words(tmp_path / 'words.txt')

    def build(moved=True, **kwargs):
        torch.manual_seed(0)
        settings = dict(
            arch=ARCH,
            classnames=NAMES,
            templates='a clip of {}.',
            tokenizer=words,
            text_trainable=True,
            n_ctx=3,
        )
        head = VideoConditionalTextHead(**{**settings, **kwargs}).double()
        return perturb(head) if moved else head

    return build


@pytest.fixture
def videos():
    """Frame features of two videos and tokens of two vision layers."""
    torch.manual_seed(1)
    return tuple(torch.randn(2, n, 32, dtype=torch.float64) for n in (4, 5, 7))


def see(videos, head):
    """What a backbone returns for a head."""
    return videos[: 1 + len(head.layers)]


LAYERS = [None, (1,), (2,), (2, 3), (1, 3)]


@pytest.mark.parametrize('layers', LAYERS)
@pytest.mark.parametrize('chunk_size', [None, 2])
@pytest.mark.parametrize('training', [True, False])
@pytest.mark.usefixtures('strategy')
def test_text_is_that_of_every_token_for_every_video(
    build, videos, layers, chunk_size, training
):
    head = build(layers=layers, chunk_size=chunk_size).train(training)
    x = see(videos, head)
    expected = encode_for_videos(head, NAMES, x[1:])
    assert largest_difference(head.text_for(x), expected) < 1e-12
    # not the same for both videos
    assert largest_difference(expected[0], expected[1]) > 1e-3


@pytest.mark.parametrize('layers', LAYERS)
@pytest.mark.parametrize('chunk_size', [None, 2])
@pytest.mark.parametrize('n_ctx', [2, 8])
@pytest.mark.usefixtures('strategy')
def test_gradients_are_those_of_the_naive_way(
    build, videos, layers, chunk_size, n_ctx
):
    names = ['open', 'push box', 'ball']
    head = build(
        layers=layers, chunk_size=chunk_size, n_ctx=n_ctx, classnames=names
    ).train()
    x = see(videos, head)
    weight = torch.randn(2, len(names), 32, dtype=torch.float64)
    (head.text_for(x) * weight).sum().backward()
    ours = gradients(head)
    head.zero_grad()
    (encode_for_videos(head, names, x[1:]) * weight).sum().backward()
    assert gradient_difference(ours, gradients(head)) < 1e-12
    silent = {name for name, g in ours.items() if not g.abs().max()}
    assert silent == {'logit_scale', 'text_encoder.token_embedding.weight'}


@pytest.mark.parametrize('detach_video', [True, False])
def test_gradients_stop_before_the_video_on_request(
    build, videos, detach_video
):
    head = build(detach_video=detach_video).train()
    frames, tokens = see(videos, head)
    tokens.requires_grad_()
    head((frames, tokens)).sin().sum().backward()
    assert (tokens.grad is None) == detach_video
    if not detach_video:
        ours, tokens.grad = tokens.grad.clone(), None
        text = encode_for_videos(head, NAMES, [tokens])
        head(frames, text=text).sin().sum().backward()
        assert largest_difference(ours, tokens.grad) < 1e-10


def test_padding_does_not_matter(build, videos):
    head = build()
    tokens = see(videos, head)[1:]
    short, whole = (
        encode_for_videos(head, NAMES, tokens, length) for length in (9, 12)
    )
    assert largest_difference(short, whole) < 1e-12


def test_permuted_classes_permute_the_scores(build, videos):
    order = [3, 0, 5, 1, 4, 2]
    head = build().eval()
    x = see(videos, head)
    expected = head(x)[:, order]
    head.set_vocabulary([NAMES[i] for i in order])
    assert largest_difference(head(x), expected) < 1e-12


def test_blocks_that_add_nothing_leave_the_learned_prompts(build, videos):
    head = build()
    with torch.no_grad():
        for layer in head.prompt_generation_layer:
            for last in layer.attn.out_proj, layer.mlp.c_proj:
                last.weight.zero_()
                last.bias.zero_()
    text = head.text_for(see(videos, head))
    plain = head.text_features
    assert largest_difference(text, plain.expand_as(text)) < 1e-12
    assert largest_difference(plain, encode_prompts(head, NAMES)) < 1e-12


def test_blocks_start_as_the_text_blocks_they_precede(build):
    head = build(moved=False, layers=(2, 3))
    for layer, block in zip(
        head.layers, head.prompt_generation_layer, strict=True
    ):
        text = head.text_encoder.transformer.resblocks[layer - 1].state_dict()
        ours = block.state_dict()
        for name in 'weight', 'bias':
            norm = ours.pop(f'ln_1_kv.{name}')
            assert torch.equal(norm, text[f'ln_1.{name}'])
        assert largest_difference(ours, text) == 0
    other = build(moved=False, layers=(3,), prompting_init='random')
    drawn = other.prompt_generation_layer[0].attn.in_proj_weight
    text = other.text_encoder.transformer.resblocks[2].attn.in_proj_weight
    assert largest_difference(drawn, text) > 0.1


def config(folder, **head):
    write_weights(folder / 'clip.pt', ARCH)
    return dict(
        type='CLIPRecognizer',
        arch=ARCH,
        weights=str(folder / 'clip.pt'),
        backbone=dict(
            type='TCCLIPViT', num_context=2, seed_ratio=0.5, tokens='context'
        ),
        cls_head=dict(
            type='VideoConditionalTextHead',
            classnames=NAMES,
            templates='a clip of {}.',
            tokenizer=write_words(folder / 'words.txt'),
            text_trainable=True,
            topk=(1,),
            **head,
        ),
    )


def test_a_recognizer_loads_clip_before_they_are_copied(tmp_path):
    head = MODELS.build(config(tmp_path)).cls_head
    clip = torch.load(tmp_path / 'clip.pt')['state_dict']
    last = clip['ln_final.bias']
    assert torch.equal(head.text_encoder.ln_final.bias, last)
    block = head.text_encoder.transformer.resblocks[-1]
    ours = head.prompt_generation_layer[0]
    assert torch.equal(ours.mlp.c_fc.weight, block.mlp.c_fc.weight)
    words = head.tokenizer(['a clip of'])[0, 1:4]
    table = head.text_encoder.token_embedding.weight
    assert torch.equal(head.prompt_learner.ctx[:3], table[words])


@pytest.mark.parametrize('precision', [torch.float32, torch.bfloat16])
def test_a_step_trains_every_parameter(tmp_path, precision):
    model = MODELS.build(config(tmp_path)).train()
    inputs = torch.randn(2, 1, 3, 4, 32, 32)
    samples = [ActionDataSample().set_gt_label(i) for i in (1, 4)]
    with torch.autocast(
        'cpu', dtype=torch.bfloat16, enabled=precision != torch.float32
    ):
        loss = model(inputs, samples, mode='loss')['loss_cls']
    assert loss.dtype == torch.float32 and loss.isfinite()
    loss.backward()
    idle = {
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.grad is None
    }
    assert not idle
    with torch.no_grad():
        samples = model.eval()(inputs, samples, mode='predict')
    assert samples[0].pred_score.shape == (6,)


def fresh(head, x):
    """Encode without what the head keeps."""
    return copy.deepcopy(head).train().text_for(x)


def count_blocks(head):
    """List that grows with each run of the first block of the text tower."""
    calls = []
    block = head.text_encoder.transformer.resblocks[0]
    block.ln_2.register_forward_hook(lambda *_: calls.append(1))
    return calls


def test_class_names_are_encoded_once_per_evaluation(build, videos):
    head = build().eval()
    x, calls = see(videos, head), count_blocks(head)
    head(x)
    once = len(calls)
    for _ in range(3):
        head(tuple(part + 1 for part in x))
    assert len(calls) == once > 0
    head.set_vocabulary(NAMES[:2])
    head(x)
    assert len(calls) == 2 * once
    head.train()
    head(x)
    head(x)
    assert len(calls) == 4 * once


CHANGES = dict(
    ctx=lambda head: head.prompt_learner.ctx.mul_(-1),
    tower=lambda head: next(head.text_encoder.transformer.parameters()).mul_(
        2
    ),
    blocks=lambda head: head.prompt_generation_layer[0].mlp.c_proj.weight.mul_(
        2
    ),
    load=lambda head: head.load_state_dict(
        perturb(copy.deepcopy(head)).state_dict()
    ),
)


@pytest.mark.parametrize('layers', [None, (2, 3)])
@pytest.mark.parametrize('change', CHANGES)
def test_kept_text_follows_the_weights(build, videos, change, layers):
    head = build(layers=layers).eval()
    x = see(videos, head)
    before = head.text_for(x)
    with torch.no_grad():
        CHANGES[change](head)
    after = head.text_for(x)
    assert largest_difference(after, fresh(head, x)) < 1e-12
    assert largest_difference(after, before) > 1e-4


def test_kept_text_follows_swapped_averages(build, videos):
    head = build().eval()
    x = see(videos, head)
    own = head.text_for(x)
    hook = EMAHook()
    hook.before_run(SimpleNamespace(model=head))
    perturb(hook.ema_model.module)
    hook.before_test_epoch(None)
    averaged = head.eval().text_for(x)
    assert largest_difference(averaged, fresh(head, x)) < 1e-12
    assert largest_difference(averaged, own) > 1e-3
    hook.after_test_epoch(None)
    assert largest_difference(head.eval().text_for(x), own) < 1e-12


def test_logits_are_the_temperature_times_the_cosines(build, videos):
    head = build()
    x = see(videos, head)
    video = F.normalize(x[0].mean(dim=1), dim=-1)
    cosines = torch.einsum('bd,bcd->bc', video, head.text_for(x))
    expected = head.logit_scale.exp() * cosines
    assert largest_difference(head(x), expected) < 1e-10


def test_prompts_may_look_at_plain_frames(build, videos):
    frames = videos[0]
    head = build(condition_on='frames')
    expected = build()((frames, frames))
    assert torch.equal(head(frames), expected)
    assert torch.equal(head((frames, videos[1])), expected)


@pytest.mark.parametrize(
    'wrong, match',
    [
        (dict(layers=(4,)), r'layers \(4,\) must ascend within 1\.\.3'),
        (dict(layers=(3, 2)), 'must ascend'),
        (dict(layers=()), 'must ascend'),
        (dict(prompting_init='zero'), "'zero' is none of"),
        (dict(condition_on='words'), "'words' is none of"),
        (dict(condition_on='frames', layers=(1, 3)), r'one layer, got \(1, 3'),
        (dict(chunk_size=0), 'chunk_size must be >= 1, got 0'),
        (dict(depth=2), 'neither deep nor class-specific'),
        (dict(arch=tiny_arch()), 'as wide as the joint space, got 32 and 24'),
        (dict(classname_style='title'), "'title' is none of .*'as_is'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_wrong_settings(build, wrong, match):
    with pytest.raises(ValueError, match=match):
        build(**wrong)


def test_tokens_must_fit_the_layers(build, videos):
    with pytest.raises(ValueError, match='needs 1 tensors .* got 0'):
        build()(videos[0])
    with pytest.raises(ValueError, match='needs 2 tensors .* got 1'):
        build(layers=(1, 3))(videos[:2])
