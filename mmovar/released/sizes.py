"""Sizes of a model, read off its tensors."""

import re
from typing import Any

from mmovar.clip.config import HEAD_WIDTH

from .format import CLIP, TEXT_TOWER, TOKEN_TABLE, LoadOptions, Shapes

_NAMES = {  # width, patch and image size of the models of OpenAI
    (768, 32, 224): 'ViT-B-32-quickgelu',
    (768, 16, 224): 'ViT-B-16-quickgelu',
    (1024, 14, 224): 'ViT-L-14-quickgelu',
    (1024, 14, 336): 'ViT-L-14-336-quickgelu',
}


def count_layers(shapes: Shapes, pattern: str) -> int:
    """Count the layers of a tower: 1 + the largest index in the pattern."""
    found = (re.match(pattern, name) for name in shapes)
    return 1 + max((int(m[1]) for m in found if m), default=-1)


def has_text(shapes: Shapes) -> bool:
    """Tell whether there is a whole text tower with its token table."""
    return {
        f'{TEXT_TOWER}positional_embedding',
        TOKEN_TABLE,
        f'{TEXT_TOWER}text_projection',
    } <= set(shapes)


def arch_of(shapes: Shapes, quick_gelu: bool | None = None) -> dict[str, Any]:
    """Read the sizes of a CLIP model, in open_clip's form.

    Heads have 64 channels, as those of all CLIP ViTs of OpenAI, unless
    a bias table of TC-CLIP tells their number. Without a text tower its
    sizes are the smallest there are; nothing is built of them.

    Args:
        shapes: Shape by name of a recognizer.
        quick_gelu: Whether the activation is QuickGELU; None is True, as in
            OpenAI's weights and all that was tuned from them.

    Raises:
        ValueError: If there is no vision tower, or a width is no multiple
            of 64.
    """
    needed = [
        f'backbone.{name}'
        for name in ('class_embedding', 'positional_embedding', 'conv1.weight')
    ]
    missing = [name for name in needed if name not in shapes]
    if missing:
        raise ValueError(
            f'no vision tower of CLIP (a ViT): {missing} are missing. If the '
            "release stores only what it tuned, give CLIP's file as base"
        )
    width, _, patch, _ = shapes['backbone.conv1.weight']
    tokens = shapes['backbone.positional_embedding'][0]
    joint = shapes.get('backbone.proj', (width, width))[1]
    side = round((tokens - 1) ** 0.5)
    return dict(
        embed_dim=joint,
        quick_gelu=quick_gelu is not False,
        vision_cfg=dict(
            image_size=side * patch,
            patch_size=patch,
            width=width,
            head_width=width // _heads(shapes, width),
            layers=count_layers(
                shapes, r'backbone\.transformer\.resblocks\.(\d+)\.ln_1'
            ),
        ),
        text_cfg=_text_sizes(shapes),
    )


def clip_name_of(shapes: Shapes) -> str | None:
    """Name the CLIP of OpenAI with such a vision tower, if there is one."""
    conv = shapes.get('backbone.conv1.weight')
    table = shapes.get('backbone.positional_embedding')
    if conv is None or table is None:
        return None
    side = round((table[0] - 1) ** 0.5) * conv[-1]
    return _NAMES.get((conv[0], conv[-1], side))


def _heads(shapes: Shapes, width: int) -> int:
    for name, shape in shapes.items():
        if name.endswith('local_global_bias_table'):
            return shape[0]
    if width % HEAD_WIDTH:
        raise ValueError(
            f'the tower is {width} channels wide, which is no multiple of '
            f'{HEAD_WIDTH}: its heads cannot be told'
        )
    return width // HEAD_WIDTH


def _text_sizes(shapes: Shapes) -> dict[str, int]:
    if not has_text(shapes):
        return dict(context_length=77, width=64, heads=1, layers=1)
    length, width = shapes[f'{TEXT_TOWER}positional_embedding']
    return dict(
        context_length=length,
        vocab_size=shapes[TOKEN_TABLE][0],
        width=width,
        heads=_heads({}, width),
        layers=count_layers(
            shapes,
            r'cls_head\.text_encoder\.transformer\.resblocks\.(\d+)\.ln_1',
        ),
    )


def recognizer(
    shapes: Shapes,
    options: LoadOptions,
    backbone: dict[str, Any],
    cls_head: dict[str, Any],
    pixels: dict[str, list[float]] = CLIP,
    neck: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Write the config of a recognizer, of vision alone if there is no text.

    Args:
        shapes: Shape by name of a recognizer.
        options: What the user wants.
        backbone: Config without sizes.
        cls_head: Config without sizes and class names; its ``templates``
            are those of the release.
        pixels: Mean and standard deviation.
        neck: Config without sizes.
    """
    arch = arch_of(shapes, options.quick_gelu)
    preprocessor = dict(
        type='mmaction.ClipDataPreprocessor',
        format_shape='NCTHW',
        **pixels,
    )
    if not has_text(shapes):
        return dict(
            type='Recognizer3D',
            backbone=dict(backbone, arch=arch),
            data_preprocessor=preprocessor,
        )
    head = dict(cls_head, classnames=list(options.classnames) or None)
    if options.templates is not None:
        head['templates'] = options.templates
    config = dict(
        type='CLIPRecognizer',
        arch=arch,
        weights=None,
        backbone=backbone,
        cls_head=head,
        data_preprocessor=preprocessor,
    )
    return config if neck is None else dict(config, neck=neck)
