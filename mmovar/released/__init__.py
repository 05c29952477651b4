"""Released weights of CLIP and of video recognizers made from it.

Each format is a declaration: how it is recognised, how its names are ours,
what is dropped and why, and the config of the recognizer that the tensors
fit. No model is built here, see :func:`mmovar.apis.load_released`.
"""

from .conversion import FORMATS, Conversion, convert, convert_clip
from .conversion_report import conversion_report
from .format import Format, LoadOptions
from .to_clip import hf_config, to_hf_clip, to_open_clip

__all__ = [
    'FORMATS',
    'Conversion',
    'Format',
    'LoadOptions',
    'conversion_report',
    'convert',
    'convert_clip',
    'hf_config',
    'to_hf_clip',
    'to_open_clip',
]
