import pytest
import torch
import torch.nn.functional as F
from mmaction.structures import ActionDataSample

from helpers.tiny_clip import NAMES, largest_difference, tiny_arch
from mmovar.models import VideoSpecificTextHead


@pytest.fixture
def head(tmp_path, build):
    def build_head(**kwargs):
        torch.manual_seed(0)
        return VideoSpecificTextHead(
            tiny_arch(),
            weights=tmp_path / 'clip.pt',
            tokenizer=str(tmp_path / 'words.txt'),
            classnames=NAMES,
            fusion='mean_embedding',
            **dict(dict(templates='{}', topk=(1,), heads=2), **kwargs),
        ).eval()

    return build_head


@pytest.fixture
def x(frames):
    """Features of two clips of three frames, with nine patches each."""
    return frames, torch.randn(2, 3, 9, 32)


def prompt_by_hand(head, name, patches):
    """Unit text of one class for one clip (T, P, width)."""
    text = head.text_encoder(head.tokenizer([name]))[0]
    video = head.prompts_visual_ln(patches) @ head.prompts_visual_proj
    generator = head.prompts_generator
    video, y = generator.norm(video.mean(dim=0)), text
    for layer in generator.decoder:
        attn = layer.cross_attn
        q = attn.q_proj(layer.norm1(y)).view(2, 1, -1)
        k, v = (
            project(video).view(len(video), 2, -1).transpose(0, 1)
            for project in (attn.k_proj, attn.v_proj)
        )
        weights = (q @ k.mT * q.shape[-1] ** -0.5).softmax(dim=-1)
        y = y + attn.proj((weights @ v).flatten())
        y = y + layer.mlp(layer.norm3(y))
    return F.normalize(text + generator.alpha * y, dim=-1)


@torch.no_grad()
def test_text_of_each_class_and_clip_is_that_of_the_formula(head, x):
    head = head()
    text = head.text_for(x)
    assert text.shape == (2, 3, 24)
    for i in range(2):
        for j, name in enumerate(NAMES):
            expected = prompt_by_hand(head, name, x[1][i])
            assert largest_difference(text[i, j], expected) < 1e-5


@torch.no_grad()
def test_without_prompts_it_is_clip(head, build, x):
    plain = build(templates='{}', fusion='mean_embedding')
    logits = head(alpha=0.0)(x)
    assert largest_difference(logits, plain(x[0])) < 1e-5


@torch.no_grad()
def test_encode_text_is_unit(head):
    features = head().encode_text(NAMES)
    assert largest_difference(features.norm(dim=-1), torch.ones(3)) < 1e-6


def test_frozen_text_is_encoded_once(head, x, count_encodes):
    head = head().train()
    calls = count_encodes(head)
    head(x), head(x)
    assert len(calls) == 1


def test_prompts_learn_and_frozen_text_does_not(head, x):
    head = head(logit_scale_trainable=False).train()
    samples = [ActionDataSample().set_gt_label(i) for i in (2, 0)]
    head.loss(x, samples)['loss_cls'].backward()
    got = {n for n, p in head.named_parameters() if p.grad is not None}
    prompts = {n for n, _ in head.named_parameters() if n[:8] == 'prompts_'}
    assert got == prompts and 'prompts_generator.alpha' in prompts


def test_a_backbone_without_patches_is_refused(head, frames):
    with pytest.raises(ValueError, match='needs the patches'):
        head()(frames)


@pytest.mark.parametrize(
    ('wrong', 'match'),
    [
        (dict(layers=0), 'layers must be >= 1, got 0'),
        (dict(heads=5), '5 heads do not divide width 24'),
    ],
)
def test_wrong_settings(head, wrong, match):
    with pytest.raises(ValueError, match=match):
        head(**wrong)
