import pytest
import torch

from helpers.tiny_clip import NAMES, WORDS, tiny_arch, write_words
from mmovar.clip import BytePairTokenizer, WordTokenizer, build_tokenizer
from mmovar.vocabulary import TEMPLATES, read_classnames


def test_byte_pairs_are_those_of_open_clip():
    import open_clip

    texts = [
        *(t.format('playing guitar') for t in TEMPLATES['open_vclip']),
        *read_classnames('ucf101'),
        'Tai chi (slow), 90% "naïve" café -- it\'s ok!',
        '',
    ]
    ours = BytePairTokenizer()(texts)
    assert ours.dtype == torch.int64
    assert torch.equal(ours, open_clip.tokenize(texts))


def test_byte_pairs_refuse_what_open_clip_would_cut():
    tokenizer = BytePairTokenizer(context_length=77)
    assert tokenizer(['a ' * 75]).argmax() == 76
    with pytest.raises(ValueError, match='has 78 tokens, .* takes 77'):
        tokenizer(['a ' * 76])


def test_words_become_ids_between_start_and_end():
    tokenizer = WordTokenizer(['open', 'close'], context_length=6)
    assert tokenizer.vocab_size == 5
    tokens = tokenizer(['Close open.', 'open'])
    assert tokens.tolist() == [[3, 2, 1, 4, 0, 0], [3, 1, 4, 0, 0, 0]]
    assert tokens.dtype == torch.int64


def test_word_file_equals_word_list(tmp_path):
    path = write_words(tmp_path / 'words.txt')
    ours = WordTokenizer(path, 12)(NAMES)
    assert torch.equal(ours, WordTokenizer(WORDS, 12)(NAMES))


def test_unknown_word_is_named():
    with pytest.raises(ValueError, match=r"unknown words \['jump'\]"):
        WordTokenizer(WORDS)(['open jump'])


def test_too_many_words():
    with pytest.raises(ValueError, match='has 5 tokens, .* takes 4'):
        WordTokenizer(WORDS, context_length=4)(['open the box'])


def test_repeated_word():
    with pytest.raises(ValueError, match=r"twice: \['open'\]"):
        WordTokenizer(['open', 'box', 'open'])


def test_missing_word_file():
    with pytest.raises(FileNotFoundError, match='nowhere.txt'):
        WordTokenizer('nowhere.txt')


def test_build_tokenizer_takes_the_text_towers_length(tmp_path):
    path = write_words(tmp_path / 'words.txt')
    assert build_tokenizer(path, tiny_arch()).context_length == 12
    assert isinstance(build_tokenizer(None, 'ViT-B-32'), BytePairTokenizer)


def test_tokenizer_must_fit_the_text_tower(tmp_path):
    with pytest.raises(ValueError, match='49408 ids, the text tower 12'):
        build_tokenizer(None, tiny_arch())
    path = tmp_path / 'words.txt'
    path.write_text('open\nclose\n')
    with pytest.raises(ValueError, match='5 ids, the text tower 12'):
        build_tokenizer(str(path), tiny_arch())
