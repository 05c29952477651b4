"""CLIP's text tower, computing only the tokens that reach its output."""

import torch
from torch import Tensor, nn

from .config import Arch, clip_config
from .shared_prefix import (
    PrefixChange,
    encode_suffixes,
    prefill,
    shared_length,
)
from .transformer import Block, LayerNorm, Transformer

_WORTH_SHARING = 3  # tokens
_WORTH_A_CHUNK = 32  # texts


class TextTransformer(nn.Module):
    """CLIP's text transformer with CLIP's parameter names.

    The feature of a prompt is its end-of-text token, and the mask is causal.
    So tokens behind the last end of a batch need not be computed, in the last
    layer only that one row is, and tokens that all prompts begin with are
    computed once (:mod:`mmovar.clip.shared_prefix`). All this is exact.

    Args:
        arch: Model name or sizes, see :func:`clip_config`.
    """

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

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode prompts in one batch, cut behind the last end of text.

        Args:
            tokens: Token ids (N, L); the end of text has the largest id.

        Returns:
            Features (N, D), not normalised.
        """
        end = tokens.argmax(dim=-1)
        length = int(end.max()) + 1
        device = self.text_projection.device
        end, tokens = end.to(device), tokens[:, :length].to(device)
        x = self.embed(tokens)
        index = torch.arange(len(tokens), device=device)
        visible = torch.arange(length, device=device) <= end[:, None]
        x = self.transformer(
            x,
            rows=lambda x: x[index, end].unsqueeze(1),
            rows_mask=visible[:, None, None, :],
            causal=True,
        )
        return self.read(x.squeeze(1))

    def encode(self, tokens: Tensor, chunk_size: int = 256) -> Tensor:
        """Encode many prompts, in chunks of similar length.

        Prompts are sorted by length first, so that each chunk is cut behind
        its own last end of text. This is exact and differentiable.

        Args:
            tokens: Token ids (N, L), kept on the CPU for speed.
            chunk_size: Prompts in one pass, bounds the memory.

        Returns:
            Features (N, D) in the order of ``tokens``, not normalised.
        """
        shared = shared_length(tokens)
        if shared >= _WORTH_SHARING:
            device = self.text_projection.device
            prefix = self.embed(tokens[:1, :shared].to(device))
            return self.encode_behind(prefix, tokens[:, shared:], chunk_size)
        chunks = sort_by_length(tokens, chunk_size)
        return restore_order([(i, self(tokens[i])) for i in chunks])

    def encode_behind(
        self,
        prefix: Tensor,
        tokens: Tensor,
        chunk_size: int = 256,
        replace: PrefixChange | None = None,
    ) -> Tensor:
        """Encode prompts that begin with a prefix, as :meth:`encode` does.

        Args:
            prefix: Embedded (1, P, D) or, one a prompt, (N, P, D).
            tokens: Token ids behind the prefix (N, S), on the CPU.
            chunk_size: Prompts in one pass, bounds the memory.
            replace: Changes the prefix (1 or N, P, D) before block i.

        Returns:
            Features (N, D), not normalised.
        """
        blocks = self.transformer.resblocks
        seen = prefill(blocks, prefix, replace)
        chunks = []
        for index in sort_by_length(tokens, chunk_size):
            suffix, end = self.embed_suffix(tokens[index], prefix.shape[1])
            own = [
                (k, v) if len(k) == 1 else (k[index], v[index])
                for k, v in seen
            ]
            ends = encode_suffixes(blocks, own, suffix, end)
            chunks.append((index, self.read(ends)))
        return restore_order(chunks)

    def embed_suffix(
        self, tokens: Tensor, start: int
    ) -> tuple[Tensor, Tensor]:
        """Embed suffixes (N, S) that stand at ``start`` and behind it.

        Returns:
            (N, S', D), cut behind their last end, and the ends (N,).
        """
        device = self.text_projection.device
        end = tokens.argmax(dim=-1)
        tokens = tokens[:, : int(end.max()) + 1].to(device)
        return self.embed(tokens, start), end.to(device)


def sort_by_length(tokens: Tensor, chunk_size: int) -> list[Tensor]:
    """Put texts (N, L) of similar length into chunks.

    Args:
        tokens: Token ids, on the CPU.
        chunk_size: Texts of a chunk at most. Texts of one length make a chunk
            of their own if they are enough.

    Returns:
        Indices of the texts of each chunk, by ascending length.
    """
    ends, order = tokens.argmax(dim=-1).sort()
    sizes = [0]
    for count in ends.unique_consecutive(return_counts=True)[1].tolist():
        if sizes[-1] >= _WORTH_A_CHUNK:
            sizes.append(0)
        sizes[-1] += count
    groups = order.split(sizes)
    return [chunk for group in groups for chunk in group.split(chunk_size)]


def restore_order(chunks: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Join chunks (index, (..., n, D)) to (..., N, D) in order of the index.

    Args:
        chunks: Indices that together are 0..N-1, and what they index.
    """
    order, values = (list(part) for part in zip(*chunks, strict=True))
    inverse = torch.cat(order).argsort().to(values[0].device)
    return torch.cat(values, dim=-2).index_select(-2, inverse)
