"""Attention of a clip's class tokens to each of its patches."""

import torch
from torch import Tensor

from .attention_record import LayerAttention, record_attention
from .interfaces import VisionTower

METHODS = ('rollout', 'cls')


def attention_map(
    tower: VisionTower,
    clip: Tensor,
    method: str = 'rollout',
    layer: int = -1,
) -> Tensor:
    r"""Map the attention of the class tokens over the frames of a clip.

    ``'cls'`` is the attention of one layer. ``'rollout'`` follows attention
    through all layers up to it: each token is half itself and half what it
    attends to, :math:`\prod_l (I + A_l) / 2`. Both are averaged over heads.

    Frames may see other frames, so the maps of a frame sum what the class
    tokens of all frames give to it. What goes to a context token of TC-CLIP
    goes on to the patches it was made of, in equal shares. What goes to
    prompts and messages, and to the zero keys of VCLIP's borders, is lost.

    Source: Abnar and Zuidema, Quantifying Attention Flow in Transformers
    (ACL 2020), section 3; windows and context tokens are ours.

    Args:
        tower: ``CLIPViT`` or a subclass of it.
        clip: One normalised clip, (3, T, H, W).
        method: ``'rollout'`` or ``'cls'``.
        layer: The last layer to count, as an index: 0 is the first, -1 the
            last.

    Returns:
        (T, rows, columns) of patches, float32 on the CPU; at least 0, and at
        most T in all.

    Raises:
        ValueError: If ``method`` or ``layer`` is out of range.
    """
    depth = len(tower.transformer.resblocks)
    if method not in METHODS:
        raise ValueError(f'method {method!r} is none of {METHODS}')
    if not -depth <= layer < depth:
        raise ValueError(f'layer {layer} is not in {-depth}..{depth - 1}')
    end = layer % depth + 1
    sources: list[Tensor | None] = [None] * end
    with record_attention(tower, method == 'cls') as layers:
        if hasattr(tower, 'trace'):
            traces = tower.trace(clip.unsqueeze(0))[:end]
            sources = [trace.source[0].cpu() for trace in traces]
        else:
            tower(clip.unsqueeze(0))
    layers = [_on_cpu(one) for one in layers[:end]]
    with torch.autocast('cpu', enabled=False):
        mass = _mass(layers, sources, method)
    columns = clip.shape[-1] // tower.conv1.stride[1]
    return mass[:, 1:].unflatten(1, (-1, columns))


def _mass(
    layers: list[LayerAttention], sources: list[Tensor | None], method: str
) -> Tensor:
    """Return how much each token is looked at, (T, N)."""
    mass = _class_tokens(layers[0])
    if method == 'rollout':
        return _roll_out(layers, sources, mass)
    mass, context = _pass_back(layers[-1], mass)
    return _unmerge(mass, context, ([None] + sources)[-2])


def _on_cpu(layer: LayerAttention) -> LayerAttention:
    return LayerAttention(
        layer.weights.cpu(), layer.frames, layer.others.cpu()
    )


def _class_tokens(layer: LayerAttention) -> Tensor:
    """Put mass 1 on each class token, (T, N)."""
    frames, _, _, tokens = layer.weights.shape
    mass = torch.zeros(frames, tokens)
    mass[:, 0] = 1
    return mass


def _roll_out(
    layers: list[LayerAttention], sources: list[Tensor | None], mass: Tensor
) -> Tensor:
    """Follow mass (T, N) from the last layer back to the patches."""
    context = None
    for layer, source in zip(reversed(layers), reversed(sources), strict=True):
        mass = _unmerge(mass, context, source)
        moved, context = _pass_back(layer, mass / 2)
        mass = mass / 2 + moved
    return mass


def _pass_back(layer: LayerAttention, mass: Tensor) -> tuple[Tensor, Tensor]:
    """Move the mass of tokens (T, N) to what they attend to.

    Returns:
        The mass of tokens (T, N), and that of the other keys (K,).
    """
    rows = min(layer.weights.shape[1], mass.shape[1])
    if rows < mass.shape[1]:
        rows = 1  # the rest of a last layer is not read
    sent = torch.einsum(
        'tm,tmwn->twn', mass[:, :rows], layer.weights[:, :rows]
    )
    seen = layer.frames >= 0
    moved = torch.zeros_like(mass).index_add_(
        0, layer.frames[seen], sent[seen]
    )
    others = torch.einsum('tm,tmk->k', mass[:, :rows], layer.others[:, :rows])
    return moved, others


def _unmerge(
    mass: Tensor, context: Tensor | None, source: Tensor | None
) -> Tensor:
    """Share the mass of context tokens (K,) among their patches (T, P)."""
    if context is None or source is None or not len(context):
        return mass
    is_seed = source >= 0
    sizes = torch.bincount(source[is_seed], minlength=len(context))
    patches = torch.zeros(source.shape)
    patches[is_seed] = (context / sizes.clamp(min=1))[source[is_seed]]
    return torch.cat([mass[:, :1], mass[:, 1:] + patches], dim=1)
