"""X-CLIP, ST-Adapter, Vita-CLIP."""

from typing import Any

from .format import (
    CLIP,
    CLIP_RENAMES,
    IMAGENET,
    TRAINING_CLASSES,
    Format,
    LoadOptions,
    Shapes,
    starts,
)
from .sizes import arch_of, count_layers, has_text, recognizer


def _check_frames(method: str, trained: int, options: LoadOptions) -> None:
    if options.num_frames not in (None, trained):
        raise ValueError(
            f'this {method} file is of {trained} frames, its temporal '
            f'positions are learned: give num_frames={trained} and clips of '
            f'{trained} frames, not {options.num_frames}'
        )


def _xclip(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    frames = shapes['neck.positional_embedding'][1]
    _check_frames('X-CLIP', frames, options)
    head = dict(
        type='VideoSpecificTextHead',
        templates='{}',
        fusion='mean_embedding',
        average_clips='prob',
        layers=count_layers(
            shapes, r'cls_head\.prompts_generator\.decoder\.(\d+)\.'
        ),
    )
    neck = dict(
        type='TemporalTransformer',
        num_frames=frames,
        layers=count_layers(shapes, r'neck\.resblocks\.(\d+)\.'),
    )
    backbone = dict(type='XCLIPViT')
    return recognizer(shapes, options, backbone, head, IMAGENET, neck)


def _st_adapter(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    widths = {
        place: shapes[name][0]
        for place in ('attn', 'mlp')
        for name in shapes
        if name.endswith(f'.adapter_pre_{place}.fc1.weight')
    }
    backbone = dict(
        type='STAdapterViT',
        before=list(widths),
        adapter_width=max(widths.values()),
    )
    if 'cls_head.fc_cls.weight' not in shapes:
        head = dict(
            type='TextHead', templates='open_vclip', fusion='mean_embedding'
        )
        return recognizer(shapes, options, backbone, head)
    classes, width = shapes['cls_head.fc_cls.weight']
    if options.classnames and len(options.classnames) != classes:
        raise ValueError(
            f'the fc layer of this ST-Adapter file scores {classes} classes, '
            f'but {len(options.classnames)} classnames are given'
        )
    return dict(
        type='Recognizer3D',
        backbone=dict(backbone, closed_set=True, arch=arch_of(shapes)),
        cls_head=dict(
            type='TimeSformerHead',
            num_classes=classes,
            in_channels=width,
            average_clips='score',
        ),
        data_preprocessor=dict(
            type='mmaction.ClipDataPreprocessor',
            format_shape='NCTHW',
            **CLIP,
        ),
    )


def _vita(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    frames = shapes['backbone.time_embed'][0]
    _check_frames('Vita-CLIP', frames, options)
    backbone = dict(
        type='VitaCLIPViT',
        num_frames=frames,
        num_global=shapes[
            'backbone.transformer.resblocks.0.prompts.global_prompts'
        ][0],
    )
    head: dict[str, Any] = dict(
        type='TextHead', templates='{}', fusion='mean_embedding'
    )
    ctx = shapes.get('cls_head.prompt_learner.ctx')
    if ctx and has_text(shapes):
        own = len(ctx) == 3
        if own and len(options.classnames) != ctx[0]:
            raise ValueError(
                f'this Vita-CLIP file has prompts of its own for each of '
                f'{ctx[0]} classes, but {len(options.classnames)} classnames '
                'are given. For other classes leave prompt_learner.ctx out '
                'of the weights: the text is then the bare name, as in the '
                "authors' zero-shot tests"
            )
        head.update(
            type='LearnablePromptTextHead',
            n_ctx=ctx[-2],
            class_specific=own,
            templates='{}.',
            classname_style='underscores_to_spaces',
        )
    return recognizer(shapes, options, backbone, head)


XCLIP = Format(
    name='xclip',
    title='X-CLIP (ECCV 2022)',
    licence='MIT (microsoft/VideoX)',
    recognise=starts('mit.', 'prompts_generator.'),
    renames=(
        (r'mit\.(.+)', r'neck.\1'),
        (r'(prompts_.+)', r'cls_head.\1'),
        *CLIP_RENAMES,
    ),
    model=_xclip,
    notes=(
        'bare names, CamelCase is not split',
        "its hmdb_51_labels.csv swaps 4 names: classnames='"
        "hmdb51_legacy_names' gives its numbers",
    ),
)

ST_ADAPTER = Format(
    name='st_adapter',
    title='ST-Adapter (NeurIPS 2022), 12 or 24 adapters, closed set',
    licence='MIT',
    recognise=lambda names: any('adapter_pre_' in name for name in names),
    renames=(
        (
            r'(?:visual\.)?(transformer\.resblocks\.\d+\.adapter_pre_.+)',
            r'backbone.\1',
        ),
        (r'fc\.(weight|bias)', r'cls_head.fc_cls.\1'),
        *CLIP_RENAMES,
    ),
    model=_st_adapter,
    notes=(
        'scores are those of its fc layer; without fc, the adapters are read '
        "by CLIP's text",
    ),
)

_BLOCK = r'visual\.blocks\.(\d+)\.'
_OURS = r'backbone.transformer.resblocks.\1.'

VITA_CLIP = Format(
    name='vita_clip',
    title='Vita-CLIP (CVPR 2023)',
    licence='MIT',
    recognise=starts('visual.blocks.', 'visual.global_prompts'),
    renames=(
        (r'visual\.cls_token', 'backbone.class_embedding'),
        (r'visual\.pos_embed', 'backbone.positional_embedding'),
        (r'visual\.patch_embed\.proj\.(\w+)', r'backbone.conv1.\1'),
        (r'visual\.global_prompts', 'backbone.global_prompts'),
        (
            _BLOCK + r'(local_prompts|cls_proj\..+|summary_.+)',
            _OURS + r'prompts.\2',
        ),
        (_BLOCK + r'norm([12])\.(\w+)', _OURS + r'ln_\2.\3'),
        (_BLOCK + r'mlp\.fc1\.(\w+)', _OURS + r'mlp.c_fc.\2'),
        (_BLOCK + r'mlp\.fc2\.(\w+)', _OURS + r'mlp.c_proj.\2'),
        (_BLOCK + r'(attn\..+)', _OURS + r'\2'),
        (r'visual\.(proj|time_embed|ln_\w+\.\w+)', r'backbone.\1'),
        (r'textual\.(.+)', r'cls_head.text_encoder.\1'),
        (r'prompt_learner\.ctx', 'cls_head.prompt_learner.ctx'),
        (r'logit_scale', 'cls_head.logit_scale'),
    ),
    drops=(
        (r'prompt_learner\.token_(prefix|suffix)', TRAINING_CLASSES),
        (r'(.+\.)?attn_mask', 'the causal mask, made anew'),
    ),
    model=_vita,
    packed=r'backbone\.',
    stacked=(
        'backbone.global_prompts',
        'backbone.transformer.resblocks.{}.prompts.global_prompts',
    ),
    notes=(
        'text is the bare name, as in its zero-shot tests, whose text file '
        'was never released; prompts of the training classes are used if the '
        'file has them',
        'its code never trained cls_proj: it is as it was drawn',
    ),
)
