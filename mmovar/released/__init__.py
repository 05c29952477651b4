"""Released weights of CLIP and of video recognizers made from it.

Each format is a declaration: how it is recognised, how its names are ours,
what is dropped and why, and the config of the recognizer that the tensors
fit. No model is built here, see :func:`mmovar.apis.load_released`.
"""

from .account import account
from .containers import unwrap
from .conversion import (
    FORMATS,
    Conversion,
    absent_parts,
    add_base,
    convert,
    convert_clip,
    converted_label,
    find_format,
    group_of,
    mix_with,
    recognise,
    require_fit,
    use_text_of,
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
    'clip_name_of',
    'convert',
    'convert_clip',
    'converted_label',
    'find_format',
    'group_of',
    'has_text',
    'hf_config',
    'mix_with',
    'recognise',
    'require_fit',
    'to_hf_clip',
    'to_open_clip',
    'unwrap',
    'use_text_of',
]
