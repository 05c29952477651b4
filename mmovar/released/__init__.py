"""Released weights of CLIP and of video recognizers made from it.

Each format is a declaration: how it is recognised, how its names are ours,
what is dropped and why, and the config of the recognizer that the tensors
fit. No model is built here, see :func:`mmovar.apis.load_released`.
"""

from mmovar.clip.containers import unwrap

from .account import account
from .completion import add_base, complete, settle
from .conversion import (
    FORMATS,
    Conversion,
    absent_parts,
    are_ours,
    convert,
    convert_clip,
    converted_label,
    group_of,
    recognise,
    require_fit,
)
from .format import Format, Request
from .sizes import clip_name_of, has_text
from .to_clip import hf_config, to_hf_clip, to_open_clip

__all__ = [
    'Conversion',
    'FORMATS',
    'Format',
    'Request',
    'absent_parts',
    'account',
    'add_base',
    'are_ours',
    'complete',
    'clip_name_of',
    'convert',
    'convert_clip',
    'converted_label',
    'group_of',
    'has_text',
    'hf_config',
    'recognise',
    'require_fit',
    'settle',
    'to_hf_clip',
    'to_open_clip',
    'unwrap',
]
