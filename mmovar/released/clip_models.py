"""CLIP itself: OpenAI's files, open_clip's, Hugging Face's."""

from collections.abc import Collection
from typing import Any

from mmovar.clip.hf_format import STEM

from .format import CLIP_RENAMES, Format, Request, Shapes, starts
from .sizes import recognizer

_SIZES = 'input_resolution', 'context_length', 'vocab_size'
_PROMPT = 'a photo of a {}.'


def _model(shapes: Shapes, request: Request) -> dict[str, Any]:
    return recognizer(
        shapes,
        request,
        backbone=dict(type='CLIPViT'),
        cls_head=dict(
            type='TextHead',
            templates=_templates(request.classnames),
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
        'the file does not tell GELU from QuickGELU; without quick_gelu=False '
        'it is QuickGELU',
    ),
)

_LAYER = r'{}\.encoder\.layers\.(\d+)\.{}\.(weight|bias)'
_PARTS = {
    'layer_norm1': 'ln_1',
    'layer_norm2': 'ln_2',
    r'mlp\.fc1': 'mlp.c_fc',
    r'mlp\.fc2': 'mlp.c_proj',
    r'self_attn\.(out|q|k|v)_proj': None,
}


def _hf_renames() -> list[tuple[str, str]]:
    renames = [
        (r'logit_scale', 'cls_head.logit_scale'),
        (r'visual_projection\.weight', 'backbone.proj'),
        (
            r'text_projection\.weight',
            'cls_head.text_encoder.text_projection',
        ),
    ]
    for theirs, ours in (
        ('vision_model', 'backbone'),
        ('text_model', 'cls_head.text_encoder'),
    ):
        for part, name in STEM.items():
            pattern = f'{theirs}.{part}'.replace('.', r'\.')
            renames.append((pattern, f'{ours}.{name}'))
        for part, name in _PARTS.items():
            layer = rf'{ours}.transformer.resblocks.\1.'
            name = f'{name}.\\2' if name else r'attn.\2_proj.\3'
            renames.append((_LAYER.format(theirs, part), layer + name))
    return renames


HF_CLIP = Format(
    name='hf_clip',
    title='transformers.CLIPModel: file or folder',
    licence=f'{_LICENCE}; other uploads: see the model card',
    recognise=starts('vision_model.'),
    renames=tuple(_hf_renames()),
    drops=((r'.+\.position_ids', 'counts positions, nothing learned'),),
    model=_model,
    packed=r'.+\.attn\.',
    transposed=frozenset(
        ('backbone.proj', 'cls_head.text_encoder.text_projection')
    ),
    notes=(*_NOTES, 'config.json of a folder tells the activation'),
)
