import pytest
import torch

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    tiny_arch,
    write_words,
)
from mmovar.models import LateFusionTextHead
from tools.profiling.naive_video_prompting import look_at_video

NAMES = ('open the box', 'push', 'closeBall')


@pytest.fixture
def build(tmp_path):
    words = write_words(tmp_path / 'words.txt')

    def build(**kwargs):
        torch.manual_seed(0)
        settings = dict(
            arch=dict(tiny_arch(), embed_dim=32),
            classnames=NAMES,
            templates='a clip of {}.',
            tokenizer=words,
            text_trainable=True,
        )
        return LateFusionTextHead(**{**settings, **kwargs}).double()

    return build


@pytest.fixture
def video():
    torch.manual_seed(1)
    return tuple(torch.randn(2, n, 32, dtype=torch.float64) for n in (4, 5))


def by_hand(head, tokens):
    """Raw text of each video and class, one by one."""
    names = ['open the box', 'push', 'close ball']
    ids = head.tokenizer([f'a clip of {name}.' for name in names])
    block = head.prompt_generation_layer[0]
    rows = [
        look_at_video(block, t[None, None], z[None])[0, 0]
        for z in tokens
        for t in head.text_encoder(ids)
    ]
    return torch.stack(rows).unflatten(0, (len(tokens), len(names)))


def unit(text):
    return text / text.norm(dim=-1, keepdim=True)


@pytest.mark.parametrize('training', [True, False])
def test_each_class_looks_at_each_video(build, video, training):
    head = build().train(training)
    text = head.text_for(video)
    expected = unit(by_hand(head, video[1]))
    assert largest_difference(text, expected) < 1e-12
    assert largest_difference(text[0], text[1]) > 1e-4


def test_gradients_are_those_of_the_formula(build, video):
    head = build().train()
    head.text_for(video).sin().sum().backward()
    ours = gradients(head)
    head.zero_grad()
    unit(by_hand(head, video[1])).sin().sum().backward()
    assert gradient_difference(ours, gradients(head)) < 1e-12


@pytest.mark.parametrize('detach_video', [True, False])
def test_gradients_stop_before_the_video_on_request(
    build, video, detach_video
):
    head = build(detach_video=detach_video).train()
    frames, tokens = video
    tokens.requires_grad_()
    head((frames, tokens)).sum().backward()
    assert (tokens.grad is None) == detach_video
    assert all(
        p.grad is not None for p in head.parameters() if p.requires_grad
    )


def test_it_needs_tokens(build, video):
    with pytest.raises(ValueError, match='LateFusionTextHead needs 1 tensors'):
        build()(video[0])


def test_it_needs_equal_widths(build):
    with pytest.raises(ValueError, match='joint space, got 32 and 24'):
        build(arch=tiny_arch())
