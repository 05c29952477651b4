"""Hugging Face's CLIP parameter names and CLIP's own, one to the other."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

StateDict = dict[str, Tensor]

TRANSPOSED = {'visual.proj', 'text_projection'}
_TOP = {
    'logit_scale': 'logit_scale',
    'visual_projection.weight': 'visual.proj',
    'text_projection.weight': 'text_projection',
}
_TOWERS = {'vision_model.': 'visual.', 'text_model.': ''}
_TOWER = {  # # is a layer, $ a weight or a bias
    'embeddings.class_embedding': 'class_embedding',
    'embeddings.patch_embedding.weight': 'conv1.weight',
    'embeddings.position_embedding.weight': 'positional_embedding',
    'embeddings.token_embedding.weight': 'token_embedding.weight',
    'pre_layrnorm.$': 'ln_pre.$',
    'post_layernorm.$': 'ln_post.$',
    'final_layer_norm.$': 'ln_final.$',
    'encoder.layers.#.layer_norm1.$': 'transformer.resblocks.#.ln_1.$',
    'encoder.layers.#.layer_norm2.$': 'transformer.resblocks.#.ln_2.$',
    'encoder.layers.#.mlp.fc1.$': 'transformer.resblocks.#.mlp.c_fc.$',
    'encoder.layers.#.mlp.fc2.$': 'transformer.resblocks.#.mlp.c_proj.$',
    **{
        f'encoder.layers.#.self_attn.{part}_proj.$': (
            f'transformer.resblocks.#.attn.{part}_proj.$'
        )
        for part in ('q', 'k', 'v', 'out')
    },
}
_NAMES = _TOP | {
    theirs + name: ours + same
    for theirs, ours in _TOWERS.items()
    for name, same in _TOWER.items()
}


def _rules(names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Make pairs of a pattern that fits a whole name, and its translation."""
    return tuple(
        (
            re.escape(name)
            .replace(r'\#', r'(?P<layer>\d+)')
            .replace(r'\$', '(?P<kind>weight|bias)'),
            same.replace('#', r'\g<layer>').replace('$', r'\g<kind>'),
        )
        for name, same in names.items()
    )


FROM_HF = _rules(_NAMES)
"""Query, key and value are ``q_proj``, ``k_proj`` and ``v_proj`` in both."""
TO_HF = _rules({ours: theirs for theirs, ours in _NAMES.items()})


def rename(name: str, rules: tuple[tuple[str, str], ...]) -> str | None:
    """Translate a name by the first rule that fits; None if none does."""
    for pattern, translation in rules:
        if match := re.fullmatch(pattern, name):
            return match.expand(translation)
    return None


def _rename_known(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    translation = rename(name, rules)
    if translation is None:
        raise KeyError(f'{name!r} is no parameter of CLIP')
    return translation


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
    for key, value in state_dict.items():
        if key.endswith('position_ids'):
            continue
        name = _rename_known(key, FROM_HF)
        out[name] = value.T.contiguous() if name in TRANSPOSED else value
    for name in [name for name in out if '.q_proj.' in name]:
        qkv = [out.pop(name.replace('.q_', f'.{part}_')) for part in 'qkv']
        out[name.replace('.q_proj.', '.in_proj_')] = torch.cat(qkv)
    return out


def to_hf_format(state_dict: Mapping[str, Tensor]) -> StateDict:
    """Rename weights under CLIP's names for ``transformers.CLIPModel``.

    Args:
        state_dict: All of CLIP, no others.

    Returns:
        Query, key and value apart, both projections transposed.

    Raises:
        KeyError: If a name belongs to no part of CLIP.
    """
    out: StateDict = {}
    for name, value in state_dict.items():
        before, packed, kind = name.partition('.in_proj_')
        if packed:
            for part, one in zip('qkv', value.chunk(3), strict=True):
                key = f'{before}.{part}_proj.{kind}'
                out[_rename_known(key, TO_HF)] = one.contiguous()
        else:
            transposed = value.T.contiguous() if name in TRANSPOSED else value
            out[_rename_known(name, TO_HF)] = transposed
    return out
