"""The plain ways of doing things that the benchmark compares with."""

import torch
from torch import Tensor

from mmovar.clip import Attention, TextTransformer


class WidenedAttention(Attention):
    """VCLIP's attention with widened keys, values and the whole map."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor, *_) -> Tensor:
        """Mix the values; (B, T, N, h, d) as in ``NeighborAttention``."""
        k, v = _widen(k), _widen(v)
        scores = torch.einsum('btmhd,btnhd->bthmn', q * q.shape[-1] ** -0.5, k)
        return torch.einsum('bthmn,btnhd->btmhd', scores.softmax(-1), v)


def _widen(x: Tensor) -> Tensor:
    zero = torch.zeros_like(x[:, :1])
    after = torch.cat([x[:, 1:], zero], dim=1)
    before = torch.cat([zero, x[:, :-1]], dim=1)
    return torch.cat([after, before, x], dim=2)


def encode_all_tokens(text: TextTransformer, tokens: Tensor) -> Tensor:
    """Encode prompts over their whole context length and all rows."""
    x = text.token_embedding(tokens) + text.positional_embedding
    for block in text.transformer.resblocks:
        x = block(x, causal=True)
    x = text.ln_final(x)
    rows = x[torch.arange(len(x)), tokens.argmax(-1)]
    return rows @ text.text_projection
