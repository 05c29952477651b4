"""CLIP's text tower, computing only what is read."""

import torch
from torch import Tensor, nn

from .config import Arch, clip_config
from .transformer import LayerNorm, Transformer


class TextTransformer(nn.Module):
    """CLIP's text transformer with CLIP's parameter names.

    The feature of a prompt is its end-of-text token, and the mask is causal.
    So tokens behind the last end of a batch need not be computed, and in the
    last layer only that one row is. Both are exact.

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
        self.transformer = Transformer(
            size.width, size.layers, size.heads, config.quick_gelu
        )
        self.ln_final = LayerNorm(size.width)
        self.text_projection = nn.Parameter(
            torch.randn(size.width, config.embed_dim) * size.width**-0.5
        )
        nn.init.normal_(self.token_embedding.weight, std=0.02)

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
        x = self.token_embedding(tokens)
        x = x + self.positional_embedding[:length].to(x.dtype)
        index = torch.arange(len(tokens), device=device)
        visible = torch.arange(length, device=device) <= end[:, None]
        x = self.transformer(
            x,
            rows=lambda x: x[index, end].unsqueeze(1),
            rows_mask=visible[:, None, None, :],
            causal=True,
        )
        return self.ln_final(x.squeeze(1)) @ self.text_projection

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
        order = tokens.argmax(dim=-1).argsort()
        chunks = [self(chunk) for chunk in tokens[order].split(chunk_size)]
        return torch.cat(chunks)[order.argsort().to(chunks[0].device)]
