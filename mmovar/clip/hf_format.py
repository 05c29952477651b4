"""Hugging Face's CLIP parameter names, turned into CLIP's own."""

from collections.abc import Mapping

import torch
from torch import Tensor

StateDict = dict[str, Tensor]

_TOWERS = {'vision_model.': 'visual.', 'text_model.': ''}
_TOP = {
    'logit_scale': ('logit_scale', False),
    'visual_projection.weight': ('visual.proj', True),
    'text_projection.weight': ('text_projection', True),
}
STEM = {
    'embeddings.class_embedding': 'class_embedding',
    'embeddings.patch_embedding.weight': 'conv1.weight',
    'embeddings.position_embedding.weight': 'positional_embedding',
    'embeddings.token_embedding.weight': 'token_embedding.weight',
    'pre_layrnorm.weight': 'ln_pre.weight',
    'pre_layrnorm.bias': 'ln_pre.bias',
    'post_layernorm.weight': 'ln_post.weight',
    'post_layernorm.bias': 'ln_post.bias',
    'final_layer_norm.weight': 'ln_final.weight',
    'final_layer_norm.bias': 'ln_final.bias',
}
_LAYER = {
    'layer_norm1': 'ln_1',
    'layer_norm2': 'ln_2',
    'mlp.fc1': 'mlp.c_fc',
    'mlp.fc2': 'mlp.c_proj',
    'self_attn.out_proj': 'attn.out_proj',
}


def is_hf_format(state_dict: Mapping[str, Tensor]) -> bool:
    """Tell whether the names are those of ``transformers.CLIPModel``."""
    return any(key.startswith('vision_model.') for key in state_dict)


def from_hf_format(state_dict: Mapping[str, Tensor]) -> StateDict:
    """Rename the weights of ``transformers.CLIPModel`` to CLIP's names.

    Query, key and value projections are packed into one ``in_proj``, and the
    two projections into the joint space are transposed.

    Args:
        state_dict: Weights under Hugging Face's names. ``position_ids``
            buffers are dropped.

    Returns:
        The same weights under CLIP's names.

    Raises:
        KeyError: If a name belongs to no part of CLIP.
    """
    out: StateDict = {}
    packed: dict[tuple[str, str], StateDict] = {}
    for key, value in state_dict.items():
        if key.endswith('position_ids'):
            continue
        if key in _TOP:
            name, transposed = _TOP[key]
            out[name] = value.T.contiguous() if transposed else value
            continue
        prefix, rest = _tower(key)
        if rest in STEM:
            out[prefix + STEM[rest]] = value
            continue
        block, part, kind = _layer(key, prefix, rest)
        if part in _LAYER:
            out[f'{block}.{_LAYER[part]}.{kind}'] = value
        else:
            packed.setdefault((block, kind), {})[part[-6]] = value
    for (block, kind), qkv in packed.items():
        value = torch.cat([qkv[name] for name in 'qkv'])
        out[f'{block}.attn.in_proj_{kind}'] = value
    return out


def _tower(key: str) -> tuple[str, str]:
    for prefix, ours in _TOWERS.items():
        if key.startswith(prefix):
            return ours, key[len(prefix) :]
    raise KeyError(f'{key!r} is no parameter of a Hugging Face CLIP')


def _layer(key: str, prefix: str, rest: str) -> tuple[str, str, str]:
    """Split 'encoder.layers.3.mlp.fc1.bias' into block, part and kind."""
    head, _, tail = rest.partition('encoder.layers.')
    index, _, name = tail.partition('.')
    part, _, kind = name.rpartition('.')
    known = {*_LAYER, *(f'self_attn.{n}_proj' for n in 'qkv')}
    if head or not index.isdigit() or part not in known:
        raise KeyError(f'{key!r} is no parameter of a Hugging Face CLIP')
    return f'{prefix}transformer.resblocks.{index}', part, kind
