"""Weights of a recognizer back under CLIP's names, for other programs."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmovar.clip.hf_format import to_hf_format

from .conversion import clip_part
from .format import TEXT_TOWER, StateDict
from .sizes import arch_of


def to_open_clip(weights: Mapping[str, Tensor]) -> StateDict:
    """Rename weights of a recognizer to open_clip's, which are OpenAI's.

    Args:
        weights: State dict of a recognizer whose parameters are CLIP's and no
            others: ViFi-CLIP fine-tuned, VCLIP, FROSTER, CLIP. VCLIP's
            attention to neighbouring frames has no parameters; elsewhere
            the weights run frame by frame.

    Returns:
        For ``open_clip.create_model(..., pretrained=FILE)``.

    Raises:
        ValueError: If the model has parameters that CLIP lacks, or lacks
            a part of CLIP.
    """
    out: StateDict = {}
    extra = []
    for name, value in weights.items():
        if name == 'cls_head.logit_scale':
            out['logit_scale'] = value
        elif name.startswith(TEXT_TOWER):
            out[name.removeprefix(TEXT_TOWER)] = value
        elif clip_part(name) in ('vision tower', 'projection'):
            out[name.replace('backbone.', 'visual.', 1)] = value
        else:
            extra.append(name)
    if extra:
        raise ValueError(
            f'this model is more than CLIP: {len(extra)} weights such as '
            f'{extra[:3]} have no place in open_clip or transformers'
        )
    parts = {clip_part(name) for name in weights}
    missing = {
        *('token table', 'text tower', 'projection', 'vision tower'),
        'temperature',
    } - parts
    if missing:
        raise ValueError(
            f'the model lacks {sorted(missing)} of CLIP: convert it with '
            '--base, the CLIP file it was tuned from'
        )
    return out


def to_hf_clip(weights: Mapping[str, Tensor]) -> StateDict:
    """Rename weights of a recognizer to those of ``transformers.CLIPModel``.

    Args:
        weights: See :func:`to_open_clip`.

    Returns:
        Its state dict: query, key and value apart, both projections
        transposed.

    Raises:
        ValueError: See :func:`to_open_clip`.
    """
    return to_hf_format(to_open_clip(weights))


def hf_config(
    weights: Mapping[str, Tensor], quick_gelu: bool = True
) -> dict[str, Any]:
    """Write the ``config.json`` of ``transformers.CLIPModel``.

    Args:
        weights: Of a recognizer.
        quick_gelu: Activation.
    """
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    arch = arch_of(shapes)
    vision, text = arch['vision_cfg'], arch['text_cfg']
    act = 'quick_gelu' if quick_gelu else 'gelu'
    return dict(
        architectures=['CLIPModel'],
        model_type='clip',
        projection_dim=arch['embed_dim'],
        logit_scale_init_value=2.6592,
        vision_config=dict(
            model_type='clip_vision_model',
            hidden_act=act,
            hidden_size=vision['width'],
            image_size=vision['image_size'],
            intermediate_size=4 * vision['width'],
            num_attention_heads=vision['width'] // vision['head_width'],
            num_hidden_layers=vision['layers'],
            patch_size=vision['patch_size'],
            projection_dim=arch['embed_dim'],
        ),
        text_config=dict(
            model_type='clip_text_model',
            bos_token_id=text['vocab_size'] - 2,
            eos_token_id=text['vocab_size'] - 1,
            pad_token_id=text['vocab_size'] - 1,
            hidden_act=act,
            hidden_size=text['width'],
            intermediate_size=4 * text['width'],
            max_position_embeddings=text['context_length'],
            num_attention_heads=text['heads'],
            num_hidden_layers=text['layers'],
            projection_dim=arch['embed_dim'],
            vocab_size=text['vocab_size'],
        ),
    )
