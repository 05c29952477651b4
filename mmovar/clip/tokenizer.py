"""Tokenizers: CLIP's byte pairs, or a list of words for tiny models."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .config import Arch, clip_config


class WordTokenizer:
    """One token a word, for models whose vocabulary is a short word list.

    Ids: 0 pads, 1..n are the words, n + 1 starts and n + 2 ends a text (the
    largest id, as CLIP has it), so ``vocab_size`` is n + 3.

    Args:
        words: The words, or a text file with one word a line.
        context_length: Tokens L of a text, start and end included.

    Raises:
        FileNotFoundError: If ``words`` is a file that is not there.
        ValueError: If a word occurs twice.
    """

    def __init__(
        self,
        words: str | Path | Sequence[str],
        context_length: int = 16,
    ) -> None:
        if isinstance(words, (str, Path)):
            if not Path(words).is_file():
                raise FileNotFoundError(f'word list {words} does not exist')
            words = Path(words).read_text(encoding='utf-8').split()
        self.ids = {word: i for i, word in enumerate(words, start=1)}
        if len(self.ids) != len(words):
            twice = sorted({w for w in words if list(words).count(w) > 1})
            raise ValueError(f'words occur twice: {twice}')
        self.context_length = context_length
        self.vocab_size = len(words) + 3

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Tokenize texts to ids (N, L), int64.

        Raises:
            ValueError: If a word is unknown or a text too long.
        """
        return torch.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> Tensor:
        words = text.lower().replace('.', ' ').split()
        unknown = [word for word in words if word not in self.ids]
        if unknown:
            raise ValueError(
                f'unknown words {unknown} in {text!r}; this model knows '
                f'{sorted(self.ids)}'
            )
        return _row(
            text,
            [self.ids[word] for word in words],
            self.vocab_size,
            self.context_length,
        )


class BytePairTokenizer:
    """CLIP's byte-pair tokenizer, as open_clip ships it (no download).

    Args:
        context_length: Tokens L of a text, start and end included.
    """

    def __init__(self, context_length: int = 77) -> None:
        self.context_length = context_length
        self.vocab_size = _byte_pairs().vocab_size

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Tokenize texts to ids (N, L), int64.

        Raises:
            ValueError: If a text is too long: it would lose its end unseen.
        """
        encode, size = _byte_pairs().encode, self.vocab_size
        rows = [_row(t, encode(t), size, self.context_length) for t in texts]
        return torch.stack(rows)


@cache
def _byte_pairs() -> Any:
    """Read the byte pairs once a process: copies of a model share them."""
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer()


Tokenizer = WordTokenizer | BytePairTokenizer


def build_tokenizer(words: str | None, arch: Arch) -> Tokenizer:
    """Build the tokenizer of a model.

    Args:
        words: File of a word list, or None for CLIP's byte pairs.
        arch: Model name or sizes, see :func:`clip_config`.

    Raises:
        ValueError: If tokenizer and text tower differ in vocabulary size.
    """
    size = clip_config(arch).text
    tokenizer: Tokenizer
    if words is None:
        tokenizer = BytePairTokenizer(size.context_length)
    else:
        tokenizer = WordTokenizer(words, size.context_length)
    if tokenizer.vocab_size != size.vocab_size:
        raise ValueError(
            f'the tokenizer ({words or "byte pairs"}) has '
            f'{tokenizer.vocab_size} ids, the text tower {size.vocab_size}'
        )
    return tokenizer


def _row(text: str, ids: list[int], vocab_size: int, length: int) -> Tensor:
    """Put start and end, the two largest ids, around the ids of a text."""
    ids = [vocab_size - 2, *ids, vocab_size - 1]
    if len(ids) > length:
        raise ValueError(
            f'{text!r} has {len(ids)} tokens, the text tower takes {length}'
        )
    # on the CPU, whatever torch.device() is entered: ids are looked at
    ids = ids + [0] * (length - len(ids))
    return torch.tensor(ids, dtype=torch.long, device='cpu')
