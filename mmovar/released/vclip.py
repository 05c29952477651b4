"""VCLIP of Open-VCLIP, and FROSTER, in SlowFast's checkpoints."""

from typing import Any

from .format import CLIP_RENAMES, Format, LoadOptions, Shapes, starts
from .sizes import recognizer

_RENAMES = tuple((f'model\\.{p}', ours) for p, ours in CLIP_RENAMES)
_TEACHER = (r'raw_model\..+', "the frozen CLIP beside the model, CLIP's own")


def _open_vclip(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    head = dict(type='TextHead', templates='open_vclip', fusion='logit_mean')
    return recognizer(shapes, options, dict(type='VCLIPViT'), head)


def _froster(shapes: Shapes, options: LoadOptions) -> dict[str, Any]:
    head = dict(
        type='FROSTERTextHead', templates='open_vclip', fusion='logit_mean'
    )
    return recognizer(shapes, options, dict(type='VCLIPViT'), head)


OPEN_VCLIP = Format(
    name='open_vclip',
    title='VCLIP of Open-VCLIP (ICML 2023), raw or averaged (SWA)',
    licence='no licence in the repository: all rights reserved',
    recognise=starts('model.visual.'),
    renames=_RENAMES,
    drops=(_TEACHER,),
    model=_open_vclip,
    notes=(
        'its tests take the text from raw CLIP: text_from_base=True with '
        "CLIP as base; else the text tower is the file's",
        'its tests mix CLIP in (patching): alpha=0.5 for B/32 and B/16, 0.4 '
        'for L/14, with CLIP as base',
    ),
)

FROSTER = Format(
    name='froster',
    title='FROSTER (ICLR 2024)',
    licence='CC BY-NC-SA 4.0: no commercial use, share alike',
    recognise=starts('projector_v.', 'projector_t.', 'raw_model.'),
    renames=_RENAMES,
    drops=(
        _TEACHER,
        (r'projector_[vt]\..+', 'of distillation, not used at test'),
    ),
    model=_froster,
    notes=(
        "labels are 'Name: sentence'; 28 prompts and the label itself",
        'names of its lists differ from the official ones in 8 classes of '
        'Kinetics: match by index',
    ),
)
