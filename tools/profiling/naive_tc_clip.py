"""TC-CLIP's vision tower written out: the plain way, for tests and timings.

All tokens of a video in one sequence, context repeated for each frame, the
whole attention map by an explicit softmax, all rows of all layers, and
merging that averages tokens round by round. It runs on the parameters of a
``TCCLIPViT`` and shares no code of its layers but norms and MLPs.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def naive_tc_clip(model: nn.Module, clips: Tensor) -> tuple[Tensor, Tensor]:
    """Encode clips (B, 3, T, H, W).

    Returns:
        Frame features (B, T, D) and last-layer context (B, K, D), projected.
    """
    frames, context = model.embed(clips.transpose(1, 2)), None
    for block in model.transformer.resblocks:
        frames, context = naive_block(block, frames, context, model)
    outputs = frames[:, :, 0], context
    return tuple(model.ln_post(x) @ model.proj for x in outputs)


def naive_block(
    block: nn.Module, frames: Tensor, context: Tensor | None, model: nn.Module
) -> tuple[Tensor, Tensor]:
    """Run a layer on (B, T, N, D) and the context (B, K, D) before it."""
    batch, times, tokens, width = frames.shape
    x = frames.flatten(1, 2)
    if context is not None:
        x = torch.cat([x, context], dim=1)
    out, attention = naive_attention(block.attn, block.ln_1(x), times, tokens)
    frames = frames + out
    scores = attention[..., 0, 1:tokens].mean(dim=2)
    index = scores.topk(model.contextualizer.seeds, dim=-1).indices
    seeds = frames[:, :, 1:].gather(
        2, index[..., None].expand(-1, -1, -1, width)
    )
    context = naive_merging(
        seeds.flatten(1, 2), model.contextualizer.num_context
    )
    x = torch.cat([frames.flatten(1, 2), context], dim=1)
    x = x + block.mlp(block.ln_2(x))
    frames = x[:, : times * tokens].unflatten(1, (times, tokens))
    return frames, x[:, times * tokens :]


def naive_attention(
    attn: nn.Module, x: Tensor, times: int, tokens: int
) -> tuple[Tensor, Tensor]:
    """Attend over repeated keys.

    Args:
        attn: A ``ContextAttention``.
        x: (B, T N + K, D).
        times: T.
        tokens: N.

    Returns:
        (B, T, N, D) and the attention (B, T, h, N, N + K).
    """
    q, k, v = F.linear(x, attn.in_proj_weight, attn.in_proj_bias).chunk(3, -1)
    q, k, v = (widen(t, times, tokens, attn.heads) for t in (q, k, v))
    q = q[..., :tokens, :]
    logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if attn.local_global_bias_table is not None:
        where = torch.arange(k.shape[-2]) >= tokens
        logits = logits + attn.local_global_bias_table[:, :, where.long()]
    attention = logits.softmax(dim=-1)
    out = (attention @ v).transpose(2, 3).flatten(-2)
    return attn.out_proj(out), attention


def widen(x: Tensor, times: int, tokens: int, heads: int) -> Tensor:
    """Repeat the context: (B, T N + K, D) -> (B, T, h, N + K, d)."""
    local = x[:, : times * tokens].unflatten(1, (times, tokens))
    context = x[:, times * tokens :].unsqueeze(1).repeat(1, times, 1, 1)
    x = torch.cat([local, context], dim=2)
    return x.unflatten(-1, (heads, -1)).transpose(2, 3)


def naive_merging(x: Tensor, clusters: int, step: int = 100) -> Tensor:
    """Average tokens (B, n, D) round by round to (B, K, D)."""
    sizes = torch.ones_like(x[..., :1])
    while x.shape[1] > clusters:
        count = min(step, x.shape[1] // 2, x.shape[1] - clusters)
        edges, partner = match(x.detach())
        x, sizes = merge(x, sizes, edges, partner, count)
    return x


def match(x: Tensor) -> tuple[Tensor, Tensor]:
    """Rank even tokens by similarity to their partner; find the partners."""
    unit = x / x.norm(dim=-1, keepdim=True)
    scores = unit[:, ::2] @ unit[:, 1::2].transpose(1, 2)
    best, partner = scores.max(dim=-1)
    return best.argsort(dim=-1, descending=True), partner


def merge(
    x: Tensor, sizes: Tensor, edges: Tensor, partner: Tensor, count: int
) -> tuple[Tensor, Tensor]:
    """Average the first ``count`` even tokens of ``edges`` with partners."""
    sums = x * sizes
    rows = []
    for whole, edge, mate in zip(
        torch.cat([sums, sizes], dim=-1), edges, partner, strict=True
    ):
        even, odd = whole[::2], whole[1::2]
        merging, kept = edge[:count], edge[count:]
        odd = odd.index_add(0, mate[merging], even[merging])
        rows.append(torch.cat([even[kept], odd]))
    rows = torch.stack(rows)
    return rows[..., :-1] / rows[..., -1:], rows[..., -1:]
