"""CLIP's text tower, computing only the tokens that reach its output."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from .config import Arch, clip_config
from .shared_prefix import (
    KVCache,
    PrefixChange,
    encode_suffixes,
    join,
    prefill,
    row_at,
    run_prefix,
    run_suffix,
    shared_length,
)
from .text_batches import (
    Strategy,
    default_chunk_size,
    restore_order,
    sort_by_length,
    strategy_for,
)
from .transformer import Block, LayerNorm, Transformer

_WORTH_SHARING = 3  # tokens
_ROWS_OF_A_BLOCK = 20  # that a token takes in a block at once, MLP included


class TextTransformer(nn.Module):
    """CLIP's text transformer with CLIP's parameter names.

    The feature of a prompt is its end-of-text token, and the mask is causal.
    So tokens behind the last end of a batch need not be computed, in the last
    layer only that one row is. On a CPU, tokens that all prompts begin with
    are computed once (:mod:`mmovar.clip.shared_prefix`). All this is exact.

    Args:
        arch: Model name or sizes, see :func:`clip_config`.
    """

    strategy: Strategy | None = None
    """Way to encode many prompts, see :mod:`mmovar.clip.text_batches`; None
    is the one for the device of the weights."""

    def __init__(self, arch: Arch) -> None:
        super().__init__()
        config = clip_config(arch)
        size = config.text
        self.context_length = size.context_length
        self.token_embedding = nn.Embedding(size.vocab_size, size.width)
        self.positional_embedding = nn.Parameter(
            torch.randn(size.context_length, size.width) * 0.01
        )
        self.transformer: Transformer[Block] = Transformer(
            size.width, size.layers, size.heads, config.quick_gelu
        )
        self.ln_final = LayerNorm(size.width)
        self.text_projection = nn.Parameter(
            torch.randn(size.width, config.embed_dim) * size.width**-0.5
        )
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def embed(self, tokens: Tensor, start: int = 0) -> Tensor:
        """Embed token ids (..., L) that stand at ``start`` and behind it."""
        x = self.token_embedding(tokens)
        place = self.positional_embedding[start : start + tokens.shape[-1]]
        return x + place.to(x.dtype)

    def read(self, ends: Tensor) -> Tensor:
        """Turn outputs of the last block at the ends into features."""
        return self.ln_final(ends) @ self.text_projection

    @property
    def padded(self) -> bool:
        """Whether texts go through the tower in one padded batch."""
        device = self.text_projection.device
        return (self.strategy or strategy_for(device)) == 'padded'

    def chunk_size(self, count: int, width: int) -> int:
        """Choose how many of N texts make one pass.

        Args:
            count: Texts N.
            width: Numbers that a text takes while it is encoded.
        """
        weight = self.text_projection
        strategy = self.strategy or strategy_for(weight.device)
        size = width * weight.element_size()
        return default_chunk_size(strategy, count, size, weight.device)

    def split(
        self, tokens: Tensor, chunk_size: int | None = None, start: int = 0
    ) -> list[Tensor]:
        """Put texts (N, L) that stand at ``start`` into chunks.

        Args:
            tokens: Token ids, on the CPU.
            chunk_size: Texts of a chunk at most, see :meth:`encode`.
            start: Position of the first token.

        Returns:
            Indices of the texts of each chunk.
        """
        if chunk_size is None:
            length = start + int(tokens.argmax(dim=-1).max()) + 1
            width = self.positional_embedding.shape[1]
            chunk_size = self.chunk_size(
                len(tokens), _ROWS_OF_A_BLOCK * length * width
            )
        if self.padded:
            return list(torch.arange(len(tokens)).split(chunk_size))
        return sort_by_length(tokens, chunk_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode prompts in one batch, cut behind the last end of text.

        Args:
            tokens: Token ids (N, L); the end of text has the largest id.

        Returns:
            Features (N, D), not normalised.
        """
        return self._encode_whole(*self.embed_suffix(tokens, 0))

    def encode(self, tokens: Tensor, chunk_size: int | None = None) -> Tensor:
        """Encode many prompts, in the way that suits the device.

        All ways are exact and differentiable, see
        :mod:`mmovar.clip.text_batches`.

        Args:
            tokens: Token ids (N, L), kept on the CPU for speed.
            chunk_size: Prompts in one pass, bounds the memory; None is 256 on
                a CPU and what fits on a GPU.

        Returns:
            Features (N, D) in the order of ``tokens``, not normalised.
        """
        shared = 0 if self.padded else shared_length(tokens)
        if shared >= _WORTH_SHARING:
            device = self.text_projection.device
            prefix = self.embed(tokens[:1, :shared].to(device))
            return self.encode_behind(prefix, tokens[:, shared:], chunk_size)
        chunks = self.split(tokens, chunk_size)
        return restore_order([(i, self(tokens[i])) for i in chunks])

    def encode_behind(
        self,
        prefix: Tensor,
        tokens: Tensor,
        chunk_size: int | None = None,
        replace: PrefixChange | None = None,
    ) -> Tensor:
        """Encode prompts that begin with a prefix, as :meth:`encode` does.

        Args:
            prefix: Embedded (1, P, D) or, one a prompt, (N, P, D).
            tokens: Token ids behind the prefix (N, S), on the CPU.
            chunk_size: As :meth:`encode`.
            replace: Changes the prefix at the beginning of (..., L, D) before
                block i.

        Returns:
            Features (N, D), not normalised.
        """
        start = prefix.shape[1]
        encode = self.behind(prefix, replace)
        return restore_order(
            [
                (i, encode(*self.embed_suffix(tokens[i], start), i))
                for i in self.split(tokens, chunk_size, start)
            ]
        )

    def behind(
        self, prefix: Tensor, replace: PrefixChange | None = None
    ) -> Callable[..., Tensor]:
        """Return what encodes embedded suffixes behind a prefix.

        Args:
            prefix: As :meth:`encode_behind`.
            replace: As :meth:`encode_behind`.

        Returns:
            Of suffixes (n, S, D), positions of their ends in them (n,) and,
            if they are not all, their indices: features (n, D).
        """
        if self.padded:
            return partial(self._encode_padded, prefix, replace)
        blocks = self.transformer.resblocks
        return partial(self._encode_cut, prefill(blocks, prefix, replace))

    def _encode_padded(
        self,
        prefix: Tensor,
        replace: PrefixChange | None,
        suffix: Tensor,
        end: Tensor,
        index: Tensor | slice = slice(None),
    ) -> Tensor:
        x = join(prefix if len(prefix) == 1 else prefix[index], suffix)
        return self._encode_whole(x, end + prefix.shape[1], replace)

    def _encode_cut(
        self,
        seen: list[KVCache],
        suffix: Tensor,
        end: Tensor,
        index: Tensor | slice = slice(None),
    ) -> Tensor:
        own = [
            (k, v) if len(k) == 1 else (k[index], v[index]) for k, v in seen
        ]
        blocks = self.transformer.resblocks
        return self.read(encode_suffixes(blocks, own, suffix, end))

    def _encode_whole(
        self, x: Tensor, end: Tensor, replace: PrefixChange | None = None
    ) -> Tensor:
        """Encode embedded prompts (N, L, D) with ends (N,)."""
        for i, block in enumerate(self.transformer.resblocks[:-1]):
            x = block(replace(i, x) if replace else x, causal=True)
        last = len(self.transformer.resblocks) - 1
        x = replace(last, x) if replace else x
        visible = torch.arange(x.shape[1], device=x.device) <= end[:, None]
        x = self.transformer.resblocks[last](
            x,
            rows=lambda x: row_at(x, end).unsqueeze(1),
            mask=visible[:, None, None, :],
        )
        return self.read(x.squeeze(1))

    def begin(
        self,
        layers: int,
        prefix: Tensor,
        tokens: Tensor,
        chunk_size: int | None = None,
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor, Tensor]]]:
        """Run the first blocks on prompts that begin with a prefix.

        Args:
            layers: Number of the blocks.
            prefix: Embedded (1, P, D).
            tokens: As :meth:`encode_behind`.
            chunk_size: As :meth:`encode`.

        Returns:
            The prefix behind the blocks (1, P, D), and of each chunk: which
            prompts (n,), their suffixes (n, S, D), the ends in them (n,).
        """
        blocks = self.transformer.resblocks[:layers]
        start, behind = prefix.shape[1], prefix
        seen, chunks = [], []
        if not self.padded:
            for block in blocks:
                keys, behind = run_prefix(block, behind)
                seen.append(keys)
        for index in self.split(tokens, chunk_size, start):
            x, end = self.embed_suffix(tokens[index], start)
            if self.padded:
                x = join(prefix, x)
                for block in blocks:
                    x = block(x, causal=True)
                behind, x = x[:1, :start], x[:, start:]
            else:
                for block, keys in zip(blocks, seen, strict=True):
                    x = run_suffix(block, keys, x)
            chunks.append((index, x, end))
        return behind, chunks

    def embed_suffix(
        self, tokens: Tensor, start: int
    ) -> tuple[Tensor, Tensor]:
        """Embed suffixes (N, S) that stand at ``start`` and behind it.

        Returns:
            (N, S', D), cut behind their last end, and the ends (N,).
        """
        device = self.text_projection.device
        end = tokens.argmax(dim=-1)
        tokens = tokens[:, : int(end.max()) + 1]
        x = self.embed(tokens.to(device, non_blocking=True), start)
        return x, end.to(device, non_blocking=True)
