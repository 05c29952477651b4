"""Prompted text the plain way: every token of every class for every video.

The reference for what the text heads compute, and for what it costs: the
whole text tower, padded to its context length, with masked softmax attention,
in a loop over the videos. It reads the parameters of a head.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def attention(
    module: nn.Module,
    query: Tensor,
    keys: Tensor,
    mask: Tensor | None = None,
) -> Tensor:
    """Multi-head attention from (N, M, D) to (N, K, D)."""
    width = query.shape[-1]
    weights = module.in_proj_weight.split(width)
    biases = module.in_proj_bias.split(width)
    inputs = (query, keys, keys)
    q, k, v = (
        F.linear(x, w, b).unflatten(-1, (module.heads, -1)).transpose(1, 2)
        for x, w, b in zip(inputs, weights, biases, strict=True)
    )
    logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if mask is not None:
        logits = logits + mask
    mixed = logits.softmax(dim=-1) @ v
    return module.out_proj(mixed.transpose(1, 2).flatten(2))


def text_block(block: nn.Module, x: Tensor, mask: Tensor) -> Tensor:
    """Run a layer of the text tower on (N, L, D)."""
    y = block.ln_1(x)
    x = x + attention(block.attn, y, y, mask)
    return x + block.mlp(block.ln_2(x))


def look_at_video(block: nn.Module, prompts: Tensor, video: Tensor) -> Tensor:
    """Let prompts (1, n, D) attend to tokens (1, K, D) of one video."""
    z = block.ln_1_kv(video)
    x = prompts + attention(block.attn, block.ln_1(prompts), z)
    return x + block.mlp(block.ln_2(x))


def embed(
    head: nn.Module, names: Sequence[str], length: int
) -> tuple[Tensor, Tensor]:
    """Embed prompts, (C, L, D), and find the places of their ends, (C,)."""
    tower, ctx = head.text_encoder, head.prompt_learner.ctx
    tokens = head._tokenize(names)[0]
    words = head.tokenizer([head.templates[0].split('{}')[0]])[0].argmax() - 1
    start, suffix = tokens[:, :1], tokens[:, 1 + words :]
    ctx = ctx.expand(len(names), *ctx.shape[-2:])
    x = torch.cat(
        [tower.token_embedding(start), ctx, tower.token_embedding(suffix)], 1
    )[:, :length]
    pad = x.new_zeros(len(x), max(0, length - x.shape[1]), x.shape[2])
    x = torch.cat([x, pad], dim=1) + tower.positional_embedding[:length]
    return x, 1 + ctx.shape[1] + suffix.argmax(dim=-1)


def encode_prompts(
    head: nn.Module,
    names: Sequence[str],
    video: Sequence[Tensor] = (),
    length: int | None = None,
) -> Tensor:
    """Encode class names to unit text features (C, D).

    Args:
        head: A head with learned prompts.
        names: Of the classes.
        video: Tokens (K, D) of one video for each prompted layer, if any.
        length: Tokens that prompts are padded to; the context length if None.
    """
    tower = head.text_encoder
    length = length or tower.context_length
    x, end = embed(head, names, length)
    mask = torch.full((length, length), float('-inf'), dtype=x.dtype).triu(1)
    mask = mask.to(x.device)
    n = head.prompt_learner.ctx.shape[-2]
    at = dict(
        zip(getattr(head, 'layers', ()), range(len(video)), strict=False)
    )
    for i, block in enumerate(tower.transformer.resblocks):
        prompts = x[:, 1 : n + 1]
        if str(i) in head.prompt_learner.deep:
            prompts = head.prompt_learner.deep[str(i)].expand_as(prompts)
        if i + 1 in at:
            which = at[i + 1]
            tokens = video[which].expand(len(x), -1, -1)
            generator = head.prompt_generation_layer[which]
            prompts = look_at_video(generator, prompts, tokens)
        x = torch.cat([x[:, :1], prompts, x[:, n + 1 :]], dim=1)
        x = text_block(block, x, mask)
    x = tower.ln_final(x)[torch.arange(len(x)), end] @ tower.text_projection
    return F.normalize(x, dim=-1)


def encode_for_videos(
    head: nn.Module,
    names: Sequence[str],
    videos: Sequence[Tensor],
    length: int | None = None,
) -> Tensor:
    """Encode class names for each video to unit features (B, C, D).

    Args:
        head: A ``VideoConditionalTextHead``.
        names: Of the classes.
        videos: Tokens (B, K, D) for each prompted layer.
        length: As :func:`encode_prompts`.
    """
    if head.detach_video:
        videos = [tokens.detach() for tokens in videos]
    return torch.stack(
        [
            encode_prompts(head, names, [t[b] for t in videos], length)
            for b in range(len(videos[0]))
        ]
    )
