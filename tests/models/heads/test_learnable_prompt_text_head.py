import copy

import pytest
import torch

from helpers.tiny_clip import (
    gradient_difference,
    gradients,
    largest_difference,
    tiny_arch,
    write_weights,
    write_words,
)
from mmovar.models import LearnablePromptTextHead
from tools.profiling.naive_video_prompting import encode_prompts

NAMES = ('open the box', 'push', 'close the ball', 'box')


@pytest.fixture
def build(tmp_path):
    """A head in float64 with random CLIP weights from a file."""
    words = write_words(tmp_path / 'words.txt')
    write_weights(tmp_path / 'clip.pt')

    def build(**kwargs):
        settings = dict(
            arch=tiny_arch(),
            weights=tmp_path / 'clip.pt',
            classnames=NAMES,
            templates='a clip of {}.',
            tokenizer=words,
            n_ctx=3,
        )
        torch.manual_seed(0)
        return LearnablePromptTextHead(**{**settings, **kwargs}).double()

    return build


def shift_vectors(head):
    """Move the vectors away from their initial values, each differently."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for vectors in head.prompt_learner.parameters():
            noise = torch.randn(vectors.shape, generator=generator)
            vectors += noise.to(vectors.dtype)
    return head


SETTINGS = [
    dict(),
    dict(depth=2),
    dict(depth=3, n_ctx=5),
    dict(n_ctx=1),
    dict(class_specific=True),
    dict(class_specific=True, templates='{}.', n_ctx=5),
]


@pytest.mark.usefixtures('strategy')
@pytest.mark.parametrize('settings', SETTINGS, ids=str)
def test_text_is_that_of_every_token_of_every_class(build, settings):
    head = shift_vectors(build(**settings))
    expected = encode_prompts(head, NAMES)
    assert largest_difference(head.text_features, expected) < 1e-12
    assert largest_difference(head.encode_text(NAMES), expected) < 1e-12


@pytest.mark.usefixtures('strategy')
@pytest.mark.parametrize('text_trainable', [True, False])
@pytest.mark.parametrize('settings', SETTINGS, ids=str)
def test_gradients_are_those_of_the_naive_way(build, settings, text_trainable):
    head = build(**settings, text_trainable=text_trainable)
    shift_vectors(head).train()
    weight = torch.randn(len(NAMES), 24, dtype=torch.float64)
    (head.text_features * weight).sum().backward()
    ours = gradients(head)
    head.zero_grad()
    (encode_prompts(head, NAMES) * weight).sum().backward()
    assert gradient_difference(ours, gradients(head)) < 1e-12
    moved = {name for name, g in ours.items() if g.abs().max()}
    vectors = {f'prompt_learner.{n}' for n in names_of(head.prompt_learner)}
    tower = {f'text_encoder.{n}' for n in names_of(head.text_encoder)}
    tower.remove('text_encoder.token_embedding.weight')
    assert moved == (vectors | tower if text_trainable else vectors)


def names_of(module):
    return {name for name, _ in module.named_parameters()}


def test_a_prompt_that_has_learned_nothing_is_the_template(build):
    head = build()
    tokens = head.tokenizer([f'a clip of {name}.' for name in NAMES])
    plain = head.text_encoder(tokens)
    plain = torch.nn.functional.normalize(plain, dim=-1)
    assert largest_difference(head.text_features, plain) < 1e-12


@pytest.mark.parametrize('n_ctx, words', [(2, 2), (3, 3), (5, 3)])
def test_vectors_begin_as_the_words_of_the_template(build, n_ctx, words):
    head = build(n_ctx=n_ctx)
    ctx = head.prompt_learner.ctx.detach()
    tokens = head.tokenizer(['a clip of'])[0, 1 : words + 1]
    table = head.text_encoder.token_embedding.weight
    assert torch.equal(ctx[:words], table[tokens])
    drawn = build(n_ctx=20 // 4, templates='{}.').prompt_learner.ctx
    assert 0.01 < drawn.std() < 0.03
    if n_ctx > words:
        assert 0.01 < ctx[words:].std() < 0.03


def test_classes_may_have_vectors_of_their_own(build):
    head = shift_vectors(build(class_specific=True))
    assert head.prompt_learner.ctx.shape == (4, 3, 32)
    whole = head.text_features
    head.set_vocabulary([NAMES[2], NAMES[0]])
    assert largest_difference(head.text_features, whole[[2, 0]]) < 1e-12
    with pytest.raises(ValueError, match=r"no class-specific .*'open'"):
        head.set_vocabulary(['open', NAMES[0]])
    assert head.classnames == (NAMES[2], NAMES[0])


@pytest.mark.parametrize('settings', SETTINGS[1:3], ids=str)
def test_names_of_the_vectors(build, settings):
    names = names_of(build(**settings).prompt_learner)
    depth = settings['depth']
    assert names == {'ctx', *(f'deep.{i}' for i in range(1, depth))}


@pytest.mark.parametrize('name', ['ctx', 'deep.1'])
def test_kept_text_follows_the_vectors(build, name):
    head = build(depth=2).eval()
    before = head.text_features
    assert head.text_features is before
    with torch.no_grad():
        head.prompt_learner.get_parameter(name).neg_()
    after = head.text_features
    fresh = copy.deepcopy(head).train().text_features
    assert fresh.requires_grad and not after.requires_grad
    assert largest_difference(after, fresh) < 1e-12
    assert largest_difference(after, before) > 1e-3


def test_frozen_vectors_are_kept_in_training(build):
    head = build().train()
    head.prompt_learner.requires_grad_(False)
    assert not head.text_trainable
    assert head.text_features is head.text_features


@pytest.mark.parametrize(
    'wrong, match',
    [
        (dict(depth=4), 'depth 4 are deeper than the text tower of 3 layers'),
        (dict(depth=0), 'depth must be >= 1, got 3 and 0'),
        (dict(n_ctx=0), 'n_ctx and depth must be >= 1, got 0 and 1'),
        (dict(n_ctx=8), "'open the box' behind its prompt has 13 .* takes 12"),
        (dict(templates=['a {}', '{}']), 'need one template, got 2'),
        (dict(class_specific=True, classnames=None), 'got depth=1 and no'),
        (dict(class_specific=True, depth=2), 'got depth=2 and some'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_wrong_settings(build, wrong, match):
    with pytest.raises(ValueError, match=match):
        build(**wrong)


def test_a_learned_prompt_cannot_be_replaced(build):
    head = build()
    head.set_templates('a clip of {}.')  # its own
    with pytest.raises(ValueError, match='is learned'):
        head.set_templates('{}')
    assert head.classnames == tuple(NAMES)
