"""TC-CLIP: context tokens and video-conditional prompts."""

import re
from typing import Any

from .format import IMAGENET, Format, LoadOptions, Shapes, starts
from .sizes import count_layers, recognizer
from .vifi_clip import DROPS, RENAMES

_CTX = 'cls_head.prompt_learner.ctx'
_GENERATORS = r'cls_head\.prompt_generation_layer\.(\d+)\.'


def _model(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    generators = count_layers(shapes, _GENERATORS)
    if generators > 1:
        raise ValueError(
            f'the file has {generators} prompt generation layers, but does '
            'not say before which text layers they stand: load it with a '
            'config that sets model.cls_head.layers and '
            'model.backbone.token_layers, see configs/tc_clip/ablations/tc.py'
        )
    biased = any(name.endswith('local_global_bias_table') for name in shapes)
    backbone: dict[str, Any] = dict(type='TCCLIPViT', local_global_bias=biased)
    head: dict[str, Any] = dict(
        classname_style='split_camel_case',
        fusion='mean_embedding',
        average_clips='prob',
    )
    if _CTX not in shapes:
        head.update(type='TextHead', templates='vifi_clip')
    elif not generators:
        head.update(
            type='LearnablePromptTextHead',
            n_ctx=shapes[_CTX][0],
            templates='{}.',
        )
    else:
        backbone['tokens'] = 'context'
        head.update(
            type='VideoConditionalTextHead',
            n_ctx=shapes[_CTX][0],
            templates='{}.',
        )
    return recognizer(shapes, options, backbone, head, IMAGENET)


def _is_tc(names) -> bool:
    return starts('image_encoder.')(names) and any(
        re.search('local_global_bias|prompt_generation', n) for n in names
    )


TC_CLIP = Format(
    name='tc_clip',
    title='TC-CLIP (ECCV 2024)',
    licence='CC BY-NC 4.0: no commercial use',
    recognise=_is_tc,
    renames=(
        (
            r'text_encoder\.(prompt_generation_layer\..+)',
            r'cls_head.\1',
        ),
        *RENAMES,
    ),
    drops=DROPS,
    model=_model,
    packed=r'backbone\.',
    notes=(
        "a space before every capital, '_' as a space, in all data sets",
        'the zero-shot numbers are those of weights mixed with CLIP: '
        'alpha=0.7 with CLIP as base (wise-ft)',
        'its tests draw 2 clips at random (test_mode=False of SegmentSample '
        'in test pipelines); here clips are spread evenly',
    ),
)
