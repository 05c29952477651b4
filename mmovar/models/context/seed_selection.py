"""Scores by which the seed tokens of a frame are selected.

All scores have one signature: from the attention of the class token to the
patches of its frame, (B, T, h, P), and the keys of these patches,
(B, T, P, h, d), to a score of each patch, (B, T, P). The seeds are the
patches of highest score, highest first.

Source: TC-CLIP (ECCV 2024), section 3.2 and table 6 (a).
"""

from collections.abc import Callable

import torch
from torch import Tensor

Score = Callable[[Tensor, Tensor], Tensor]


def mean_cls_attention(attention: Tensor, keys: Tensor) -> Tensor:
    """Attention of the class token, averaged over heads (TC-CLIP's choice)."""
    return attention.mean(dim=2)


def headwise_cls_attention(attention: Tensor, keys: Tensor) -> Tensor:
    """Attention of the class token, heads choosing in turn."""
    return _in_turn(attention)


def mean_key_norm(attention: Tensor, keys: Tensor) -> Tensor:
    """Euclidean norm of a patch's keys, averaged over heads."""
    return keys.norm(dim=-1).mean(dim=-1)


def headwise_key_norm(attention: Tensor, keys: Tensor) -> Tensor:
    """Euclidean norm of a patch's keys, heads choosing in turn."""
    return _in_turn(keys.norm(dim=-1).transpose(2, 3))


def _in_turn(scores: Tensor) -> Tensor:
    """Score patches so that heads choose one after another.

    The paper does not say how the choices of heads become one set. Here the
    best patch of head 1 comes first, then that of head 2, ..., then the
    second best of head 1; a patch that is there already is left out.

    Args:
        scores: (B, T, h, P).

    Returns:
        (B, T, P), all different in a frame.
    """
    heads = scores.shape[2]
    order = scores.argsort(dim=-1, descending=True, stable=True)
    turn = order.argsort(dim=-1) * heads
    turn = turn + torch.arange(heads, device=scores.device)[:, None]
    return -turn.amin(dim=2)


SCORES: dict[str, Score] = {
    'cls_attention': mean_cls_attention,
    'headwise_cls_attention': headwise_cls_attention,
    'key_norm': mean_key_norm,
    'headwise_key_norm': headwise_key_norm,
}
