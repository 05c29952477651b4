"""CLIP itself: OpenAI's files, open_clip's, Hugging Face's."""

from collections.abc import Collection
from typing import Any

from mmovar.clip import recognizer_name
from mmovar.clip.hf_format import FROM_HF, TRANSPOSED

from .format import CLIP_RENAMES, Format, LoadOptions, Shapes, starts
from .sizes import recognizer

_SIZES = 'input_resolution', 'context_length', 'vocab_size'
_PROMPT = 'a photo of a {}.'


def _model(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    return recognizer(
        shapes,
        options,
        backbone=dict(type='CLIPViT'),
        cls_head=dict(
            type='TextHead',
            templates=_templates(options.classnames),
            fusion='mean_embedding',
        ),
    )


def _templates(classnames: Collection[str]) -> str:
    """Put names into CLIP's prompt, unless all are such prompts already."""
    start, end = _PROMPT.split('{}')
    sentences = [n.startswith(start) and n.endswith(end) for n in classnames]
    return '{}' if sentences and all(sentences) else _PROMPT


_LICENCE = 'weights and code: MIT (OpenAI)'
_DROPS = (
    (r'(.+\.)?attn_mask', 'the causal mask, made anew'),
    (f'({"|".join(_SIZES)})', 'a size, read off the tensors instead'),
)
_NOTES = ("prompt 'a photo of a {}.'; names that are such prompts stay",)

OPENAI = Format(
    name='openai',
    title="OpenAI's CLIP: TorchScript archive or state dict, QuickGELU",
    licence=_LICENCE,
    recognise=starts('visual.class_embedding'),
    renames=CLIP_RENAMES,
    drops=_DROPS,
    model=_model,
    notes=_NOTES,
)

OPEN_CLIP = Format(
    name='open_clip',
    title='open_clip: checkpoint, state dict or safetensors',
    licence="weights: see the model card (LAION's are MIT); code: MIT",
    recognise=starts('text.transformer.'),
    renames=(*CLIP_RENAMES, *((f'text\\.{p}', n) for p, n in CLIP_RENAMES)),
    drops=_DROPS,
    model=_model,
    notes=(
        *_NOTES,
        'open_clip_config.json beside it tells the activation',
    ),
)


HF_CLIP = Format(
    name='hf_clip',
    title='transformers.CLIPModel: file or folder',
    licence=f'{_LICENCE}; other uploads: see the model card',
    recognise=starts('vision_model.'),
    renames=tuple((theirs, recognizer_name(name)) for theirs, name in FROM_HF),
    drops=((r'.+\.position_ids', 'counts positions, nothing learned'),),
    model=_model,
    packed=r'.+\.attn\.',
    transposed=frozenset(map(recognizer_name, TRANSPOSED)),
    notes=(*_NOTES, 'config.json beside it tells the activation'),
)

PLAIN_CLIP = (OPENAI, OPEN_CLIP, HF_CLIP)
"""Formats in which models of both activations are released."""
