"""Released weights of CLIP and of video recognizers made from it.

Each format is a declaration: how it is recognised, how its names are ours,
what is dropped and why, and the config of the recognizer that the tensors
fit. No model is built here, see :func:`mmovar.apis.load_released`.
"""

from .containers import unwrap
from .conversion import (
    FORMATS,
    Conversion,
    add_base,
    convert,
    convert_clip,
    find_format,
    group_of,
    mix,
    recognise,
    require_fit,
    use_text_of,
)
from .format import Format, Request

__all__ = [
    'Conversion',
    'FORMATS',
    'Format',
    'Request',
    'add_base',
    'convert',
    'convert_clip',
    'find_format',
    'group_of',
    'mix',
    'recognise',
    'require_fit',
    'unwrap',
    'use_text_of',
]
