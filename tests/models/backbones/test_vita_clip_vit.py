import pytest
import torch
from mmaction.registry import MODELS
from torch import nn

from helpers.tiny_clip import (
    NAMES,
    WORDS,
    gradient_difference,
    gradients,
    largest_difference,
    recognizer_config,
    tiny_arch,
)
from mmovar.models import CLIPViT, VitaCLIPViT

ARCH = tiny_arch()
FRAMES = 4


@pytest.fixture
def clips():
    torch.manual_seed(0)
    return torch.randn(2, 3, FRAMES, 32, 32)


def build(**kwargs):
    torch.manual_seed(0)
    model = VitaCLIPViT(ARCH, num_frames=FRAMES, **kwargs)
    nn.init.normal_(model.conv1.bias)
    return model


def plain_forward(model, clips):
    """Run the layers with all prompts in the sequence, as the release."""
    batch, _, frames = clips.shape[:3]
    x = model.embed(clips.transpose(1, 2)).flatten(0, 1)
    for block in model.transformer.resblocks:
        own, time = block.prompts, block.prompts.summary_attn_layer
        message = own.cls_proj(x[:, 0]).unflatten(0, (batch, frames))
        y = own.summary_ln(message)
        summary, _ = nn.functional.multi_head_attention_forward(
            y.transpose(0, 1),
            y.transpose(0, 1),
            y.transpose(0, 1),
            y.shape[-1],
            time.heads,
            time.in_proj_weight,
            time.in_proj_bias,
            None,
            None,
            False,
            0.0,
            time.out_proj.weight,
            time.out_proj.bias,
        )
        summary = (message + summary.transpose(0, 1)).reshape(len(x), 1, -1)
        local = own.local_prompts + message
        local = local.repeat_interleave(frames, dim=0)
        extra = own.global_prompts.expand(len(x), -1, -1)
        x = torch.cat([x[:, :1], extra, x[:, 1:]], dim=1)
        x = torch.cat([x[:, :1], local, x[:, 1:], summary], dim=1)
        x = x + block.attn(block.ln_1(x))
        x = torch.cat([x[:, :1], x[:, 1 + frames : -1]], dim=1)
        x = x + block.mlp(block.ln_2(x))
        x = torch.cat([x[:, :1], x[:, 1 + extra.shape[1] :]], dim=1)
    x = model.ln_post(x[:, 0]) @ model.proj
    return x.unflatten(0, (batch, frames))


@pytest.mark.parametrize('cls_proj', ['frozen', 'trained'])
def test_prompts_as_keys_only_equal_the_whole_sequence(cls_proj, clips):
    model = build(cls_proj=cls_proj, num_global=5)
    grads = []
    for run in model, lambda x: plain_forward(model, x):
        model.zero_grad()
        features = run(clips)
        features.sin().sum().backward()
        grads.append(gradients(model))
    assert largest_difference(model(clips), features) < 1e-5
    assert gradient_difference(*grads) < 1e-5
    assert all(p.grad is not None for p in model.parameters())


def test_without_prompts_and_positions_it_would_be_clip(clips):
    model, clip = build(), CLIPViT(ARCH)
    nn.init.zeros_(model.conv1.bias)
    nn.init.zeros_(model.time_embed)
    clip.load_state_dict(
        {k: v for k, v in model.state_dict().items() if k in clip.state_dict()}
    )
    assert largest_difference(model(clips), clip(clips)) > 1e-3
    for block in model.transformer.resblocks:
        block.prompts = Nothing()
    assert torch.equal(model(clips), clip(clips))


class Nothing(nn.Module):
    def forward(self, x):
        return x[..., :0, :]


def test_a_frozen_projection_is_in_the_state_dict_but_no_parameter():
    frozen, trained = build(), build(cls_proj='trained')
    assert frozen.state_dict().keys() == trained.state_dict().keys()
    names = dict(frozen.named_parameters()).keys()
    assert not [name for name in names if 'cls_proj' in name]
    extra = dict(trained.named_parameters()).keys() - names
    assert {name.rsplit('.', 2)[1] for name in extra} == {'cls_proj'}
    assert len(extra) == 2 * 3


@pytest.mark.parametrize('frames', [1, 8])
def test_another_number_of_frames_is_refused(frames):
    with pytest.raises(
        ValueError, match=rf'{frames} frames, .* num_frames={FRAMES}'
    ):
        build()(torch.randn(1, 3, frames, 32, 32))


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(cls_proj='random'), "'random' is none of"),
        (dict(num_frames=0), 'got 0 and 8'),
        (dict(num_global=-1), 'got 8 and -1'),
    ],
)
def test_arguments_out_of_range_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        VitaCLIPViT(ARCH, **kwargs)


def test_parameters_of_vit_b_16_are_those_published():
    with torch.device('meta'):
        model = VitaCLIPViT('ViT-B-16-quickgelu')
        clip = CLIPViT('ViT-B-16-quickgelu').state_dict()
    added = {
        k: v.numel() for k, v in model.state_dict().items() if k not in clip
    }
    parts = ('global', 'local', 'summary', 'time_embed', 'cls_proj', 'conv1')
    counts = {
        part: sum(count for key, count in added.items() if part in key)
        for part in parts
    }
    assert counts == dict(
        **{'global': 73_728, 'local': 73_728, 'summary': 28_366_848},
        **dict(time_embed=6_144, cls_proj=7_087_104, conv1=768),
    )
    assert sum(counts.values()) == sum(added.values())


def test_checkpointing_gives_the_same_gradients(clips):
    grads = []
    for with_cp in False, True:
        model = build(with_cp=with_cp).train()
        model(clips).sin().sum().backward()
        grads.append(gradients(model))
    assert gradient_difference(*grads) < 1e-6


def test_half_precision_is_near_full_precision(clips):
    model = build()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        half = model(clips)
    assert largest_difference(half.float(), model(clips)) < 0.1


def test_it_learns_beside_prompts_of_each_class(clips, tmp_path):
    config = recognizer_config(tmp_path)
    config['backbone'] = dict(type='VitaCLIPViT', num_frames=FRAMES)
    config['cls_head'] = dict(
        type='LearnablePromptTextHead',
        n_ctx=8,
        class_specific=True,
        classnames=NAMES[-1:] + WORDS[-2:],
        templates=['{}'],
        tokenizer=config['cls_head']['tokenizer'],
    )
    trainable = ['prompts.', 'time_embed', '.ctx']
    model = MODELS.build(dict(config, trainable=trainable)).train()
    assert model.cls_head.prompt_learner.ctx.shape == (3, 8, 32)
    scores = model.cls_head(model.backbone(clips))
    scores.log_softmax(dim=1)[:, 0].sum().backward()
    tuned = {n for n, p in model.named_parameters() if p.grad is not None}
    assert tuned == {
        name
        for name, _ in model.named_parameters()
        if any(key in name for key in trainable)
    }
