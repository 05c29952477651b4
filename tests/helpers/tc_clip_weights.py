"""Weights of the TC-CLIP fixtures under the names of this project.

The fixtures' rule draws a weight by its name in the official checkpoint.
"""

from mmovar.released import convert

from .parity import arch_of, checkpoint_shapes, draw_weight

TOKEN_TABLE = 'cls_head.text_encoder.token_embedding.weight'
VOCABULARY, TEXT_WIDTH = 49408, 512


def official_weights(size, seed):
    """Draw the checkpoint of a size, by official name."""
    return {
        name: draw_weight(seed, name, shape)
        for name, shape in checkpoint_shapes('tc_clip', size).items()
    }


def recognizer_weights(size, seed):
    """State dict of a recognizer: vision, text, prompts and temperature.

    Args:
        size: ``'small'`` or ``'full'``.
        seed: Of the rule.
    """
    name, shape = 'token_embedding.weight', (VOCABULARY, TEXT_WIDTH)
    table = {name: draw_weight(seed, name, shape)}
    return convert(official_weights(size, seed) | table).weights


def backbone_weights(size, seed):
    """State dict of the vision tower alone."""
    prefix = 'backbone.'
    return {
        name.removeprefix(prefix): value
        for name, value in convert(
            official_weights(size, seed)
        ).weights.items()
        if name.startswith(prefix)
    }


def clip_weights(size, seed):
    """Raw CLIP of a size, by OpenAI's names (for ``wise_ft``)."""
    return {
        name: draw_weight(seed, name, shape)
        for name, shape in checkpoint_shapes('clip', size).items()
    }


def tc_clip_arch(fixture):
    """Sizes of a fixture's model; its positional table has 77 rows."""
    return arch_of(dict(fixture['dims'], context_length=77))
