"""Weights of the TC-CLIP fixtures under the names of this project.

The fixtures' rule draws a weight by its name in the official checkpoint.
There the vision tower is ``image_encoder.*`` with separate ``q_proj``,
``k_proj`` and ``v_proj``; here it is ``backbone.*`` with CLIP's packed
``in_proj_*``.
"""

import torch
from parity import arch_of, checkpoint_shapes, draw_weight

PREFIXES = {  # names of the official checkpoint -> those of a recognizer
    'image_encoder.': 'backbone.',
    'text_encoder.': 'cls_head.text_encoder.',
    'prompt_learner.': 'cls_head.prompt_learner.',
    'logit_scale': 'cls_head.logit_scale',
}
TOKEN_TABLE = 'cls_head.text_encoder.token_embedding.weight'
VOCABULARY, TEXT_WIDTH = 49408, 512


def official_weights(size, seed):
    """Draw the checkpoint of a size, by official name."""
    return {
        name: draw_weight(seed, name, shape)
        for name, shape in checkpoint_shapes('tc_clip', size).items()
    }


def pack_projections(weights):
    """Pack ``q_proj``, ``k_proj`` and ``v_proj`` into CLIP's ``in_proj_*``."""
    packed = {}
    for name, value in weights.items():
        if '.k_proj.' in name or '.v_proj.' in name:
            continue
        if '.q_proj.' in name:
            parts = (name.replace('.q_proj.', f'.{p}_proj.') for p in 'qkv')
            value = torch.cat([weights[part] for part in parts])
            name = name.replace('.q_proj.', '.in_proj_')
        packed[name] = value
    return packed


def rename(weights, prefixes):
    """Replace the first prefix that fits each name."""
    renamed = {}
    for name, value in weights.items():
        prefix = next(p for p in prefixes if name.startswith(p))
        renamed[prefixes[prefix] + name.removeprefix(prefix)] = value
    return renamed


def recognizer_weights(size, seed, prefixes=None):
    """State dict of a recognizer: vision, text, prompts and temperature.

    Args:
        size: ``'small'`` or ``'full'``.
        seed: Of the rule.
        prefixes: More or other prefixes than ``PREFIXES``; theirs win.
    """
    prefixes = (prefixes or {}) | {
        k: v for k, v in PREFIXES.items() if k not in (prefixes or {})
    }
    weights = rename(pack_projections(official_weights(size, seed)), prefixes)
    shape = (VOCABULARY, TEXT_WIDTH)
    weights[TOKEN_TABLE] = draw_weight(seed, 'token_embedding.weight', shape)
    return weights


def backbone_weights(size, seed):
    """State dict of the vision tower alone."""
    prefix = 'image_encoder.'
    weights = {
        name: draw_weight(seed, name, shape)
        for name, shape in checkpoint_shapes('tc_clip', size).items()
        if name.startswith(prefix)
    }
    return rename(pack_projections(weights), {prefix: ''})


def clip_weights(size, seed):
    """Raw CLIP of a size, by OpenAI's names (for ``wise_ft``)."""
    return {
        name: draw_weight(seed, name, shape)
        for name, shape in checkpoint_shapes('clip', size).items()
    }


def tc_clip_arch(fixture):
    """Sizes of a fixture's model; its positional table has 77 rows."""
    return arch_of(dict(fixture['dims'], context_length=77))
