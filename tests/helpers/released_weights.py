"""Released checkpoints, drawn small: by the fixtures' rule, or tiny."""

import torch

from .parity import draw_weight, keys_of
from .tiny_clip import open_clip_model

VOCABULARY = 49408


def draw_release(model, size, seed):
    """Draw a checkpoint as it is stored: prefixes and stale buffers too."""
    return {
        name: torch.full(shape, 7.0)
        if kind == 'buffer'
        else draw_weight(seed, name.removeprefix('module.'), shape)
        for name, shape, kind in keys_of(model, size)
    }


def empty_release(model, size):
    """Make a checkpoint that takes no memory; each weight has a number."""
    return {
        name: torch.tensor(float(i)).expand(shape)
        for i, (name, shape, _) in enumerate(keys_of(model, size))
    }


def draw_table(seed):
    """Draw the token table, which is CLIP's."""
    name = 'token_embedding.weight'
    return {name: draw_weight(seed, name, (VOCABULARY, 512))}


def clip_weights(seed=0):
    """Weights of a tiny CLIP with CLIP's tokens, by OpenAI's names."""
    arch = dict(
        embed_dim=16,
        quick_gelu=True,
        vision_cfg=dict(image_size=32, layers=2, width=64, patch_size=16),
        text_cfg=dict(
            **dict(context_length=77, vocab_size=VOCABULARY),
            **dict(width=64, heads=1, layers=2),
        ),
    )
    weights = open_clip_model(arch, seed).state_dict()
    return {key: value.clone() for key, value in weights.items()}


def vifi_weights(seed=1):
    """A tiny ViFi-CLIP: tuned, without token table, with a stale buffer."""
    weights = {}
    for name, value in clip_weights(seed).items():
        if name.startswith('visual.'):
            name = name.replace('visual.', 'image_encoder.')
        elif name != 'logit_scale':
            name = f'text_encoder.{name}'
        weights[name] = value
    del weights['text_encoder.token_embedding.weight']
    weights['prompt_learner.complete_text_embeddings'] = torch.ones(3, 77, 64)
    return weights


def vclip_weights(seed=1):
    """A tiny VCLIP, whose names are CLIP's behind ``model.``."""
    return {f'model.{k}': v for k, v in clip_weights(seed).items()}
