import pytest
import torch

from helpers.tiny_clip import (
    WORDS,
    gradient_difference,
    gradients,
    largest_difference,
    open_clip_model,
    tiny_arch,
)
from mmovar.clip import TextTransformer, WordTokenizer
from mmovar.clip.text_batches import (
    default_chunk_size,
    sort_by_length,
    strategy_for,
)

TEXTS = [
    'a clip of open the box.',
    'push',
    'close the box',
    'a clip of the push of the ball.',
    'box',
    'open box',
]


@pytest.fixture(params=[True, False], ids=['quick_gelu', 'gelu'])
def pair(request):
    """Our tower and open_clip's model, with the same text weights."""
    arch = tiny_arch(quick_gelu=request.param)
    theirs = open_clip_model(arch)
    ours = TextTransformer(arch)
    names = set(ours.state_dict())
    ours.load_state_dict(
        {k: v for k, v in theirs.state_dict().items() if k in names}
    )
    return ours, theirs


@pytest.fixture(scope='module')
def tokens():
    return WordTokenizer(WORDS, context_length=12)(TEXTS)


def test_parameter_names_are_those_of_open_clip(pair):
    ours, theirs = (
        {k: tuple(v.shape) for k, v in m.state_dict().items()} for m in pair
    )
    del theirs['logit_scale']
    assert ours == {k: v for k, v in theirs.items() if k[:7] != 'visual.'}


@pytest.mark.usefixtures('strategy')
@pytest.mark.parametrize('chunk_size', [1, 2, 4, 256])
def test_features_are_those_of_the_uncut_way_in_order(
    pair, tokens, chunk_size
):
    ours, theirs = pair
    features = ours.encode(tokens, chunk_size=chunk_size)
    assert largest_difference(features, theirs.encode_text(tokens)) < 1e-5


@pytest.mark.usefixtures('strategy')
def test_gradients_equal_those_of_open_clip(pair, tokens):
    ours, theirs = pair
    ours.encode(tokens, chunk_size=4).sin().mean().backward()
    theirs.encode_text(tokens).sin().mean().backward()
    expected = gradients(theirs)
    expected = {name: expected[name] for name in gradients(ours)}
    assert gradient_difference(gradients(ours), expected) < 2e-6


def test_chunks_are_cut_behind_their_own_last_end(pair, tokens):
    ours, lengths = pair[0], []
    ours.token_embedding.register_forward_hook(
        lambda *args: lengths.append(args[-1].shape[1])
    )
    ours.encode(tokens, chunk_size=3)
    # the words of each text, start and end
    assert lengths == [4, 10]


def test_many_texts_of_one_length_are_a_chunk():
    ends = [3, 5, 3, 9, 7] * 10 + [3] * 20 + [5] * 30
    tokens = torch.zeros(len(ends), 12, dtype=torch.long)
    tokens[torch.arange(len(ends)), ends] = 99
    ends = torch.tensor(ends)
    chunks = sort_by_length(tokens, chunk_size=30)
    assert [ends[chunk].tolist() for chunk in chunks] == [
        *([3] * 30, [3] * 10, [5] * 30, [5] * 10),
        [7] * 10 + [9] * 10,
    ]
    assert sorted(torch.cat(chunks).tolist()) == list(range(len(ends)))


def test_tokens_behind_the_end_do_not_matter(pair, tokens):
    ours = pair[0]
    rubbish = tokens.masked_fill(tokens == 0, 3)
    features = ours.encode(rubbish)
    assert largest_difference(features, ours.encode(tokens)) < 1e-6


# --- prompts that begin alike ---


@pytest.fixture(scope='module')
def alike():
    names = ['open the box', 'box', 'close the ball', 'push', 'box box box']
    tokenizer = WordTokenizer(WORDS, context_length=12)
    return tokenizer([f'a clip of {name}.' for name in names])


@pytest.mark.usefixtures('strategy')
@pytest.mark.parametrize('chunk_size', [1, 2, 256])
@pytest.mark.parametrize('count', [5, 1])
def test_a_common_beginning_does_not_change_features(
    pair, alike, chunk_size, count
):
    ours, theirs = pair
    tokens = alike[:count]
    features = ours.encode(tokens, chunk_size=chunk_size)
    assert largest_difference(features, theirs.encode_text(tokens)) < 1e-5


@pytest.mark.usefixtures('strategy')
def test_a_common_beginning_does_not_change_gradients(pair, alike):
    ours, theirs = pair
    ours.encode(alike, chunk_size=2).sin().mean().backward()
    theirs.encode_text(alike).sin().mean().backward()
    expected = gradients(theirs)
    expected = {name: expected[name] for name in gradients(ours)}
    assert gradient_difference(gradients(ours), expected) < 2e-6


def test_a_common_beginning_is_encoded_once(pair, alike):
    ours, shapes = pair[0], []
    ours.transformer.resblocks[0].ln_2.register_forward_hook(
        lambda *args: shapes.append(tuple(args[-1].shape[:2]))
    )
    ours.encode(alike)
    # start and three words; up to three words of a name, and the end
    assert shapes == [(1, 4), (5, 4)]


# --- one padded batch ---


@pytest.mark.parametrize('chunk_size, batches', [(None, [5]), (2, [2, 2, 1])])
def test_padded_texts_are_one_batch_unless_told_otherwise(
    pair, alike, chunk_size, batches
):
    ours, shapes = pair[0], []
    ours.strategy = 'padded'
    ours.token_embedding.register_forward_hook(
        lambda *args: shapes.append(len(args[-1]))
    )
    ours.encode(alike, chunk_size)
    assert shapes == batches


def test_the_strategy_follows_the_device(pair):
    assert strategy_for(torch.device('cuda', 1)) == 'padded'
    assert strategy_for(torch.device('cpu')) == 'by_length'
    assert not pair[0].padded


def test_a_padded_chunk_fills_half_of_the_free_memory(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'mem_get_info', lambda _: (2**31, 2**33))
    monkeypatch.setattr(torch.cuda, 'memory_reserved', lambda _: 2**31)
    monkeypatch.setattr(torch.cuda, 'memory_allocated', lambda _: 2**30)
    gpu, cpu = torch.device('cuda'), torch.device('cpu')
    assert default_chunk_size('padded', 400, 2**25, gpu) == 48
    assert default_chunk_size('padded', 400, 2**35, gpu) == 1
    assert default_chunk_size('padded', 400, 2**10, gpu) == 400
    assert default_chunk_size('padded', 400, 2**35, cpu) == 400
    assert default_chunk_size('by_length', 400, 2**35, gpu) == 256
