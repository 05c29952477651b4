"""ViFi-CLIP: fine-tuned towers, and VL prompting."""

import re
from dataclasses import replace
from typing import Any

from .format import (
    IMAGENET,
    TRAINING_CLASSES,
    Format,
    LoadOptions,
    Shapes,
    starts,
)
from .sizes import count_layers, recognizer

_DEEP_TEXT = r'cls_head\.prompt_learner\.deep\.(\d+)'
_DEEP_VISION = r'backbone\.transformer\.resblocks\.(\d+)\.VPT_shallow'
_CTX = 'cls_head.prompt_learner.ctx'

RENAMES = (
    (r'image_encoder\.(.+)', r'backbone.\1'),
    (
        r'text_encoder\.transformer\.resblocks\.(\d+)\.VPT_shallow',
        r'cls_head.prompt_learner.deep.\1',
    ),
    (r'text_encoder\.(.+)', r'cls_head.text_encoder.\1'),
    (r'prompt_learner\.ctx', _CTX),
    (r'logit_scale', r'cls_head.logit_scale'),
    (
        r'token_embedding\.weight',
        'cls_head.text_encoder.token_embedding.weight',
    ),
)
DROPS = (
    (
        r'prompt_learner\.(token_prefix|token_suffix|complete_text_embeddings)',
        TRAINING_CLASSES,
    ),
)


def prompt_depth(shapes: Shapes, pattern: str) -> int:
    """Count the layers with prompts; those of the first have other names."""
    return max(1, count_layers(shapes, pattern))


def _model(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    backbone: dict[str, Any] = dict(type='CLIPViT')
    if 'backbone.VPT' in shapes:
        backbone = dict(
            type='PromptedCLIPViT',
            n_ctx=shapes['backbone.VPT'][0],
            depth=prompt_depth(shapes, _DEEP_VISION),
        )
    head: dict[str, Any] = dict(type='TextHead', templates='vifi_clip')
    if _CTX in shapes:
        head = dict(
            type='LearnablePromptTextHead',
            n_ctx=shapes[_CTX][0],
            depth=prompt_depth(shapes, _DEEP_TEXT),
            templates='{}.',
            classname_style='underscores_to_spaces',
        )
    head.update(fusion='mean_embedding', average_clips='prob')
    return recognizer(shapes, options, backbone, head, IMAGENET)


def _is_vifi(names) -> bool:
    return starts('image_encoder.')(names) and not any(
        re.search('local_global_bias|prompt_generation', n) for n in names
    )


VIFI_CLIP = Format(
    name='vifi_clip',
    title='ViFi-CLIP (CVPR 2023), fine-tuned or VL prompting',
    licence='no licence in the repository: all rights reserved; ask the '
    'authors before you pass weights on',
    recognise=_is_vifi,
    renames=RENAMES,
    drops=DROPS,
    model=_model,
    notes=(
        "names as they are; VL prompting writes '_' as a space",
        'the release rounds deep prompts to half precision on the fly, here '
        'they stay as stored',
    ),
)


def _bare(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    return _model(
        shapes, replace(options, templates=options.templates or '{}')
    )


VIFI_ZS_EVAL = replace(
    VIFI_CLIP,
    name='vifi_zs_eval',
    title='ViFi-CLIP with ZS_EVAL: the bare class name is the prompt',
    recognise=lambda names: False,  # the same names as vifi_clip
    model=_bare,
)
